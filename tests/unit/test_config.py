from __future__ import annotations

from pathlib import Path

import pytest

from latesync.config import NAMES, Config, read_config
from latesync.errors import ConfigurationInvalid

FERNET_KEY = "A" * 43 + "="
OTHER_KEY = "B" * 43 + "="


def problems_of(environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigurationInvalid) as caught:
        read_config(environ)
    return caught.value.problems


def test_nothing_has_to_be_set() -> None:
    config = read_config({})
    assert config.base_url == "http://localhost:8080"
    assert config.google_callback == "http://localhost:8080/oauth/google/callback"
    assert config.table_prefix == "wp_"
    assert config.database_url == f"sqlite:///{config.home}/state.db"
    assert (config.site_database_url, config.google_base_url, config.secret_key) == (None, None, None)
    assert config.home.is_absolute()


def test_everything_can_be_set(tmp_path: Path) -> None:
    config = read_config(
        {
            "LATESYNC_HOME": str(tmp_path),
            "LATESYNC_DATABASE_URL": "postgresql+psycopg://u:p@db/latesync",
            "LATESYNC_SITE_DATABASE_URL": "mysql://u:p@db/wordpress",
            "LATESYNC_TABLE_PREFIX": "site2_",
            "LATESYNC_BASE_URL": "https://sync.example.com/",
            "LATESYNC_SECRET_KEY": "s" * 32,
            "LATESYNC_ENCRYPTION_KEYS": f"{FERNET_KEY}, {OTHER_KEY}",
            "LATESYNC_BRIDGE_SECRET": "bridge",
            "LATESYNC_GOOGLE_BASE_URL": "http://127.0.0.1:9000/",
        }
    )
    assert config == Config(
        home=tmp_path,
        database_url="postgresql+psycopg://u:p@db/latesync",
        site_database_url="mysql://u:p@db/wordpress",
        table_prefix="site2_",
        base_url="https://sync.example.com",
        google_base_url="http://127.0.0.1:9000",
        secret_key="s" * 32,
        encryption_keys=(FERNET_KEY, OTHER_KEY),
        bridge_secret="bridge",
    )
    assert config.is_https


def test_state_lives_in_the_home(tmp_path: Path) -> None:
    config = read_config({"LATESYNC_HOME": str(tmp_path)})
    assert config.database_url == f"sqlite:///{tmp_path}/state.db"


def test_home_may_be_below_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_config({"LATESYNC_HOME": "~/sync"}).home == tmp_path / "sync"


@pytest.mark.parametrize("name", NAMES)
def test_blank_variable_is_as_good_as_unset(name: str) -> None:
    assert read_config({name: "  "}) == read_config({})


def test_value_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("mysql://u:p@db/wordpress\n")
    config = read_config({"LATESYNC_SITE_DATABASE_URL_FILE": str(secret)})
    assert config.site_database_url == "mysql://u:p@db/wordpress"


def test_value_and_file_together_are_a_contradiction(tmp_path: Path) -> None:
    (problem,) = problems_of(
        {"LATESYNC_SECRET_KEY": "s" * 32, "LATESYNC_SECRET_KEY_FILE": str(tmp_path / "x")}
    )
    assert problem == "LATESYNC_SECRET_KEY and LATESYNC_SECRET_KEY_FILE are both set; keep one of them."


def test_file_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing"
    (problem,) = problems_of({"LATESYNC_SECRET_KEY_FILE": str(path)})
    assert problem == (
        f"LATESYNC_SECRET_KEY_FILE names {path}, which cannot be read: No such file or directory."
    )


def test_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"\xff\xfe\x00")
    (problem,) = problems_of({"LATESYNC_SECRET_KEY_FILE": str(path)})
    assert problem.endswith("cannot be read: it is not text.")


def test_empty_file_is_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("\n")
    (problem,) = problems_of({"LATESYNC_SECRET_KEY_FILE": str(path)})
    assert "shorter than 32 characters" in problem


@pytest.mark.parametrize(
    "url",
    [
        "sync.example.com",
        "ftp://sync.example.com",
        "https://",
        "http://host:notaport",
        "http://host:99999",
        "http://host:0",
        "http://[::1",
        "https://sync.example.com/?a=b",
        "https://sync.example.com/#top",
        "https://user:secret@sync.example.com",
    ],
)
@pytest.mark.parametrize("name", ["LATESYNC_BASE_URL", "LATESYNC_GOOGLE_BASE_URL"])
def test_address_that_is_none_is_refused(name: str, url: str) -> None:
    (problem,) = problems_of({name: url})
    assert problem.startswith(name)


@pytest.mark.parametrize("url", ["http://localhost:8080", "https://[::1]:8443", "https://example.com/sync"])
def test_plain_address_is_taken(url: str) -> None:
    assert read_config({"LATESYNC_BASE_URL": url}).base_url == url


@pytest.mark.parametrize("url", ["state.db", "oracle://db", "redis://db", "mysql:wordpress"])
def test_database_of_another_kind_is_refused(url: str) -> None:
    (problem,) = problems_of({"LATESYNC_DATABASE_URL": url})
    assert problem.startswith("LATESYNC_DATABASE_URL must start with one of sqlite://")


def test_wordpress_never_runs_on_postgresql() -> None:
    (problem,) = problems_of({"LATESYNC_SITE_DATABASE_URL": "postgresql://db/wordpress"})
    assert problem.startswith("LATESYNC_SITE_DATABASE_URL must start with one of mysql://")


@pytest.mark.parametrize("prefix", ["wp-", "wp_; DROP TABLE x", "`", "wp_.", "wp 2"])
def test_table_prefix_that_is_no_name_is_refused(prefix: str) -> None:
    (problem,) = problems_of({"LATESYNC_TABLE_PREFIX": prefix})
    assert problem.startswith("LATESYNC_TABLE_PREFIX")


@pytest.mark.parametrize("prefix", ["wp_", "wp", "Site2_", "a$b_"])
def test_table_prefix_of_wordpress_is_taken(prefix: str) -> None:
    assert read_config({"LATESYNC_TABLE_PREFIX": prefix}).table_prefix == prefix


def test_short_secret_key_is_refused() -> None:
    (problem,) = problems_of({"LATESYNC_SECRET_KEY": "short"})
    assert "leave it out and one is made" in problem


def test_each_wrong_encryption_key_is_refused() -> None:
    assert len(problems_of({"LATESYNC_ENCRYPTION_KEYS": f"wrong {FERNET_KEY} alsowrong"})) == 2


def test_every_problem_is_reported_at_once() -> None:
    environ = {
        "LATESYNC_BASE_URL": "nowhere",
        "LATESYNC_DATABASE_URL": "nothing",
        "LATESYNC_TABLE_PREFIX": "-",
        "LATESYNC_SECRET_KEY": "short",
    }
    assert [problem.split()[0] for problem in problems_of(environ)] == [
        "LATESYNC_BASE_URL",
        "LATESYNC_DATABASE_URL",
        "LATESYNC_TABLE_PREFIX",
        "LATESYNC_SECRET_KEY",
    ]


def test_problems_never_repeat_a_secret(tmp_path: Path) -> None:
    told = " ".join(
        problems_of({"LATESYNC_SECRET_KEY": "hunter2", "LATESYNC_DATABASE_URL": "oracle://u:hunter2@db"})
    )
    assert "hunter2" not in told


def test_configuration_shows_no_secrets_when_it_is_printed() -> None:
    config = read_config(
        {
            "LATESYNC_SECRET_KEY": "s" * 32,
            "LATESYNC_ENCRYPTION_KEYS": FERNET_KEY,
            "LATESYNC_BRIDGE_SECRET": "bridge-secret",
            "LATESYNC_SITE_DATABASE_URL": "mysql://u:hunter2@db/wordpress",
            "LATESYNC_DATABASE_URL": "mysql://u:hunter2@db/latesync",
        }
    )
    for secret in ("s" * 32, FERNET_KEY, "bridge-secret", "hunter2"):
        assert secret not in repr(config)


def test_a_metrics_token_that_is_soon_guessed_is_refused_and_not_repeated() -> None:
    (problem,) = problems_of({"LATESYNC_METRICS_TOKEN": "hunter2"})
    assert "shorter than 16 characters" in problem
    assert "hunter2" not in problem
    config = read_config({"LATESYNC_METRICS_TOKEN": "t" * 16})
    assert config.metrics_token == "t" * 16
    assert "tttt" not in repr(config)
