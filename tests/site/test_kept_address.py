"""The connection to the booking site that the set-up page keeps in the home."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from latesync.config import read_config
from latesync.errors import WrongInput
from latesync.latepoint.kept_address import FILE_NAME, SiteAddress, read_kept_address, write_kept_address
from latesync.services import Services, open_services
from latesync.store.migrate import migrate
from tests.site.builders import Site

ADDRESS = SiteAddress("mysql://wp:hidden@db/shop", "wp_", "https://spa.example.test")


def opened(home: Path, **environ: str) -> Services:
    services = open_services(read_config({"LATESYNC_HOME": str(home), **environ}), require_schema=False)
    migrate(services.database)
    return services


def test_what_was_kept_is_read_again_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    write_kept_address(tmp_path, SiteAddress("mysql://old@db/shop", "old_"))
    write_kept_address(tmp_path, ADDRESS)
    assert read_kept_address(tmp_path) == ADDRESS
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    assert "hidden" not in repr(ADDRESS)


def test_nothing_kept_is_no_address(tmp_path: Path) -> None:
    assert read_kept_address(tmp_path) is None


@pytest.mark.parametrize("content", ["", "[]", '{"url": 7}', "\udcff"])
def test_unreadable_file_is_named_and_not_taken_for_none(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(WrongInput, match=FILE_NAME):
        read_kept_address(tmp_path)


def test_environment_comes_before_what_was_kept(tmp_path: Path) -> None:
    write_kept_address(tmp_path, ADDRESS)
    url = f"sqlite:///{tmp_path / 'site.db'}"
    services = opened(tmp_path, LATESYNC_SITE_DATABASE_URL=url, LATESYNC_TABLE_PREFIX="salon_")
    assert (services.site_database_url(), services.table_prefix()) == (url, "salon_")
    services.close()


def test_running_process_follows_what_is_kept(tmp_path: Path, mariadb_site: Site) -> None:
    services = opened(tmp_path)
    with pytest.raises(WrongInput, match="No booking site"):
        _ = services.site
    url = mariadb_site.engine.url.render_as_string(hide_password=False)
    write_kept_address(tmp_path, SiteAddress(url.replace("mysql+pymysql", "mysql"), "wp_"))
    first = services.site
    assert first.facts().settings.home_url == "https://spa.example.test"
    assert services.site is first
    write_kept_address(tmp_path, SiteAddress(url.replace("mysql+pymysql", "mysql"), "wp_2_"))
    assert services.site is not first
    assert services.site.prefix == "wp_2_"
    services.close()
