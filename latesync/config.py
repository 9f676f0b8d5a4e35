"""The environment, read once and validated as a whole. Imported by `services` and entry points only."""

from __future__ import annotations

import base64
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from latesync.errors import ConfigurationInvalid, WrongInput
from latesync.notify.address import is_email, parse_mailbox, parse_smtp_address

DEFAULT_BASE_URL = "http://localhost:8080"
NAMES = (
    "LATESYNC_HOME",
    "LATESYNC_DATABASE_URL",
    "LATESYNC_SITE_DATABASE_URL",
    "LATESYNC_TABLE_PREFIX",
    "LATESYNC_BASE_URL",
    "LATESYNC_SECRET_KEY",
    "LATESYNC_ENCRYPTION_KEYS",
    "LATESYNC_BRIDGE_SECRET",
    "LATESYNC_GOOGLE_BASE_URL",
    "LATESYNC_MICROSOFT_BASE_URL",
    "LATESYNC_SMTP_URL",
    "LATESYNC_MAIL_FROM",
    "LATESYNC_METRICS_TOKEN",
)
SHORTEST_METRICS_TOKEN = 16
# Read only by the two commands that need it.
BACKUP_PASSPHRASE = "LATESYNC_BACKUP_PASSPHRASE"  # noqa: S105 - the name of a variable


@dataclass(frozen=True)
class Config:
    """What the operator decided. Keys are None when they are to be read from, or made in, the home."""

    home: Path
    database_url: str = field(repr=False)
    site_database_url: str | None = field(repr=False)
    table_prefix: str
    base_url: str
    google_base_url: str | None
    secret_key: str | None = field(repr=False, default=None)
    encryption_keys: tuple[str, ...] = field(repr=False, default=())
    bridge_secret: str | None = field(repr=False, default=None)
    smtp_url: str | None = field(repr=False, default=None)
    mail_from: str | None = None
    metrics_token: str | None = field(repr=False, default=None)
    microsoft_base_url: str | None = None

    @property
    def mail_sender(self) -> str:
        """Whom mails come from: as chosen, else the mail server's user where that is an address."""
        if self.mail_from:
            return self.mail_from
        user = parse_smtp_address(self.smtp_url).user if self.smtp_url else None
        return user if user and is_email(user) else f"latesync@{_mail_host(self.base_url)}"

    @property
    def google_callback(self) -> str:
        return f"{self.base_url}/oauth/google/callback"

    @property
    def microsoft_callback(self) -> str:
        return f"{self.base_url}/oauth/microsoft/callback"

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")


def read_config(environ: Mapping[str, str] | None = None) -> Config:
    """The configuration from the environment, each variable also as NAME_FILE.

    Raises ConfigurationInvalid with every problem at once.
    """
    problems: list[str] = []
    values = _values(os.environ if environ is None else environ, problems)
    home = Path(values.get("LATESYNC_HOME") or platformdirs.user_data_dir("latesync", appauthor=False))
    config = Config(
        home=home.expanduser().absolute(),
        database_url=values.get("LATESYNC_DATABASE_URL")
        or f"sqlite:///{home.expanduser().absolute()}/state.db",
        site_database_url=values.get("LATESYNC_SITE_DATABASE_URL"),
        table_prefix=values.get("LATESYNC_TABLE_PREFIX", "wp_"),
        base_url=values.get("LATESYNC_BASE_URL", DEFAULT_BASE_URL).rstrip("/"),
        google_base_url=_without_slash(values.get("LATESYNC_GOOGLE_BASE_URL")),
        secret_key=values.get("LATESYNC_SECRET_KEY"),
        encryption_keys=tuple(values.get("LATESYNC_ENCRYPTION_KEYS", "").replace(",", " ").split()),
        bridge_secret=values.get("LATESYNC_BRIDGE_SECRET"),
        smtp_url=values.get("LATESYNC_SMTP_URL"),
        mail_from=values.get("LATESYNC_MAIL_FROM"),
        metrics_token=values.get("LATESYNC_METRICS_TOKEN"),
        microsoft_base_url=_without_slash(values.get("LATESYNC_MICROSOFT_BASE_URL")),
    )
    problems += _problems(config)
    if problems:
        raise ConfigurationInvalid(problems)
    return config


def read_backup_passphrase(environ: Mapping[str, str] | None = None) -> str | None:
    """Of `backup` and `restore`; None when it is to be asked for. Raises ConfigurationInvalid."""
    problems: list[str] = []
    values = _values(os.environ if environ is None else environ, problems, (BACKUP_PASSPHRASE,))
    if problems:
        raise ConfigurationInvalid(problems)
    return values.get(BACKUP_PASSPHRASE)


def names_in_use(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Which variables somebody has set, as they are written: NAME or NAME_FILE."""
    given = os.environ if environ is None else environ
    written = [spelling for name in NAMES for spelling in (name, f"{name}_FILE")]
    return tuple(name for name in written if given.get(name, "").strip())


def _without_slash(url: str | None) -> str | None:
    return url.rstrip("/") if url else None


def _values(
    environ: Mapping[str, str], problems: list[str], names: tuple[str, ...] = NAMES
) -> dict[str, str]:
    values: dict[str, str] = {}
    for name in names:
        plain, path = environ.get(name, "").strip(), environ.get(f"{name}_FILE", "").strip()
        if plain and path:
            problems.append(f"{name} and {name}_FILE are both set; keep one of them.")
        elif plain:
            values[name] = plain
        elif path:
            try:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as exc:
                reason = exc.strerror if isinstance(exc, OSError) else "it is not text"
                problems.append(f"{name}_FILE names {path}, which cannot be read: {reason}.")
    return values


def _problems(config: Config) -> list[str]:
    problems = _url_problems("LATESYNC_BASE_URL", config.base_url)
    if config.google_base_url is not None:
        problems += _url_problems("LATESYNC_GOOGLE_BASE_URL", config.google_base_url)
    if config.microsoft_base_url is not None:
        problems += _url_problems("LATESYNC_MICROSOFT_BASE_URL", config.microsoft_base_url)
    problems += _database_problems(
        "LATESYNC_DATABASE_URL", config.database_url, ("sqlite", "mysql", "mariadb", "postgresql")
    )
    if config.site_database_url is not None:
        problems += _database_problems(
            "LATESYNC_SITE_DATABASE_URL", config.site_database_url, ("mysql", "mariadb", "sqlite")
        )
    if not config.table_prefix.replace("_", "").replace("$", "").isalnum():
        problems.append("LATESYNC_TABLE_PREFIX may hold letters, digits, _ and $ only, for example wp_.")
    return problems + _key_problems(config) + _mail_problems(config)


def _key_problems(config: Config) -> list[str]:
    problems = []
    if config.secret_key is not None and len(config.secret_key) < 32:
        problems.append("LATESYNC_SECRET_KEY is shorter than 32 characters; leave it out and one is made.")
    if config.metrics_token is not None and len(config.metrics_token) < SHORTEST_METRICS_TOKEN:
        problems.append(
            f"LATESYNC_METRICS_TOKEN is shorter than {SHORTEST_METRICS_TOKEN} characters; `openssl rand -hex "
            "24` makes a good one. Left out, /metrics asks for none."
        )
    for key in config.encryption_keys:
        if not _is_fernet_key(key):
            problems.append(
                "LATESYNC_ENCRYPTION_KEYS holds something that is not a Fernet key "
                "(44 characters, ending in =); leave it out and one is made."
            )
    return problems


def _mail_problems(config: Config) -> list[str]:
    problems = []
    for name, value, parse in (
        ("LATESYNC_SMTP_URL", config.smtp_url, parse_smtp_address),
        ("LATESYNC_MAIL_FROM", config.mail_from, parse_mailbox),
    ):
        try:
            if value is not None:
                parse(value)
        except WrongInput as exc:  # its sentence never repeats the value
            problems.append(f"{name}: {exc}")
    return problems


def _mail_host(base_url: str) -> str:
    """The host as the domain of an e-mail address; a number address in brackets (RFC 5321, 4.1.3)."""
    host = urlsplit(base_url).hostname or "localhost"
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return host
    return f"[{number}]" if number.version == 4 else f"[IPv6:{number}]"


def _is_fernet_key(key: str) -> bool:
    try:
        return len(key) == 44 and len(base64.b64decode(key, altchars=b"-_", validate=True)) == 32
    except ValueError:
        return False


def _url_problems(name: str, url: str) -> list[str]:
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        port_is_fine, parts = False, urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        return [f"{name} is not an address like https://sync.example.com."]
    if parts.query or parts.fragment or parts.username:
        return [f"{name} must be a plain address, without user, question mark or #."]
    return []


def _database_problems(name: str, url: str, kinds: tuple[str, ...]) -> list[str]:
    kind = url.split(":", 1)[0].split("+", 1)[0]
    if "://" not in url or kind not in kinds:
        return [f"{name} must start with one of {', '.join(f'{k}://' for k in kinds)}."]
    return []
