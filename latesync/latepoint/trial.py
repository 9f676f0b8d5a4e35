"""A first try at a booking site's database, for somebody who types its address in: every failure by name."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field

from sqlalchemy import URL, Engine, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from latesync.errors import SchemaNotUnderstood, SiteUnavailable, WrongInput
from latesync.latepoint.connection import open_site_database, site_errors
from latesync.latepoint.grants import grant_statements, granted_user
from latesync.latepoint.kept_address import SiteAddress
from latesync.latepoint.schema import checked_prefix, read_prefixes, read_schema
from latesync.latepoint.settings import read_agents, read_site_settings

DEFAULT_PORT = 3306
ANSWER_WITHIN_S = (
    10  # somebody waits for the page; a firewall or a proxy may take a connection and stay silent
)
_EVERYBODYS = "information_schema"  # whoever may sign in may use it
_LIKELY_PREFIX = "wp_"  # for the lines to paste, where no table can be seen
_NO_HOST = "That is not a host. Copy what stands behind DB_HOST in wp-config.php, without the quotes."
_BRACKETED = re.compile(r"\[([^\]]+)\](?::(\d+))?")

# The server's codes; what they mean stands with the server's own texts in connection.py.
_CODES = {
    1040: "too_many",
    1044: "database_denied",
    1045: "wrong_password",
    1049: "unknown_database",
    1130: "host_not_allowed",
    1203: "too_many",
    1226: "too_many",
    2027: "no_database",
    2059: "login_unknown",
    3159: "needs_encryption",
}
_ENCRYPTION_WORDS = ("insecure transport", "secure_transport")
_NO_SERVER = frozenset({2002, 2003})
_LOST = 2013


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """What a person copies out of wp-config.php.

    host: as DB_HOST has it, `name`, `name:port`, `name:/socket`.
    prefix: "" to have it found.
    """

    host: str
    port: str
    database: str
    user: str
    password: str = field(repr=False)
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """code: "fine", or why it is not. prefixes: under which LatePoint's bookings were seen.

    missing: `table.column`s that are missing or not granted. grants: lines to be run by the database's
    administrator. address: to be kept, only where it is fine.
    """

    code: str
    prefixes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()
    agents: int = 0
    address: SiteAddress | None = field(default=None, repr=False)


def try_address(typed: TypedAddress) -> Trial:
    """Connect and look, changing nothing. Raises WrongInput where what was typed is no address."""
    return try_url(_url_of(typed), typed.prefix.strip())


def try_url(url: str, prefix: str = "") -> Trial:
    """As try_address. prefix: "" to have it found."""
    checked_prefix(prefix)
    engine = open_site_database(url, read_timeout_s=ANSWER_WITHIN_S)
    try:
        return _look(engine, url, prefix)
    except SiteUnavailable as exc:
        return _failed(url, trouble_code(exc), prefix)
    finally:
        engine.dispose()


def trouble_code(exc: SiteUnavailable) -> str:
    """Why a database could not be reached, as closely as its driver tells."""
    cause = exc.__cause__
    original = cause.orig if isinstance(cause, DBAPIError) else None
    arguments = original.args if original is not None else ()
    code = arguments[0] if arguments and isinstance(arguments[0], int) else 0
    if code in _NO_SERVER:
        return _unreached(getattr(original, "original_exception", None))
    if code == _LOST and isinstance(getattr(original, "__context__", None), TimeoutError):
        return "no_answer"
    if any(word in str(original) for word in _ENCRYPTION_WORDS):
        return "needs_encryption"
    return _CODES.get(code, "unreachable")


def _unreached(reason: BaseException | None) -> str:
    match reason:
        case socket.gaierror():
            return "unknown_host"
        case FileNotFoundError():
            return "no_socket"
        case ConnectionRefusedError():
            return "nothing_listens"
        case TimeoutError():
            return "no_answer"
    return "unreachable"


def _look(engine: Engine, url: str, prefix: str) -> Trial:
    prefixes = tuple(read_prefixes(engine))
    if not prefixes:
        if not _sees_tables(engine):
            return Trial("nothing_granted", grants=_grants(engine, url, prefix))
        return Trial("no_latepoint", grants=_grants(engine, url, prefix))
    if prefix and prefix not in prefixes:
        return Trial("other_prefix", prefixes)
    if not prefix and len(prefixes) > 1:
        return Trial("several_prefixes", prefixes)
    chosen = prefix or prefixes[0]
    try:
        schema = read_schema(engine, chosen)
        settings = read_site_settings(engine, schema)
        agents = read_agents(engine, schema)
    except SchemaNotUnderstood as exc:
        missing = tuple(exc.missing)
        return Trial("not_granted", prefixes, missing, _grants(engine, url, chosen))
    return Trial("fine", prefixes, agents=len(agents), address=SiteAddress(url, chosen, settings.home_url))


def _failed(url: str, code: str, prefix: str) -> Trial:
    if code != "database_denied":
        return Trial(code)
    anyones = open_site_database(_with_database(url, _EVERYBODYS), read_timeout_s=ANSWER_WITHIN_S)
    try:
        return Trial(code, grants=_grants(anyones, url, prefix))
    finally:
        anyones.dispose()


def _sees_tables(engine: Engine) -> bool:
    with site_errors(), engine.connect() as connection:
        return bool(inspect(connection).get_table_names())


def _grants(engine: Engine, url: str, prefix: str) -> tuple[str, ...]:
    """The lines that let our user read. The rights on LateSync's own tables come with those tables."""
    try:
        database = make_url(url).database or ""
        lines = grant_statements(prefix or _LIKELY_PREFIX, database, granted_user(engine))
    except (SiteUnavailable, WrongInput):
        return ()
    return tuple(f"{line};" for line in lines if "latesync_" not in line)


def _url_of(typed: TypedAddress) -> str:
    host, port, unix_socket = _place(typed)
    for value, name in ((host, "host"), (typed.database.strip(), "database"), (typed.user.strip(), "user")):
        if not value:
            raise WrongInput(f"The {name} is missing. It stands in the site's wp-config.php.")
    url = URL.create(
        "mysql",
        username=typed.user.strip(),
        password=typed.password,
        host=host,
        port=port,
        database=typed.database.strip(),
        query={"unix_socket": unix_socket} if unix_socket else {},
    )
    text = url.render_as_string(hide_password=False)
    # A host is written as it is: "db/x?local_infile=1&" would say more than a host, and a server that may
    # ask for local files gets them.
    if not _says_only(text, url):
        raise WrongInput(_NO_HOST)
    return text


def _says_only(text: str, url: URL) -> bool:
    try:
        return make_url(text) == url
    except (ArgumentError, ValueError):
        return False


def _place(typed: TypedAddress) -> tuple[str, int, str | None]:
    """Host, port, socket. WordPress writes the last two behind the host (wpdb::parse_db_host)."""
    text = typed.host.strip()
    if "://" in text:  # a page's address; what follows the colon would be read as a socket
        raise WrongInput(_NO_HOST)
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed:
        return bracketed[1], _port(bracketed[2] or typed.port), None
    host, colon, rest = text.partition(":")
    if not colon:
        return text, _port(typed.port), None
    if rest.startswith("/"):
        return host or "localhost", DEFAULT_PORT, rest
    if ":" in rest:  # an IPv6 address without brackets
        return text, _port(typed.port), None
    return host, _port(rest), None


def _port(text: str) -> int:
    text = text.strip()
    if not text:
        return DEFAULT_PORT
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise WrongInput("The port is a number, most often 3306. Leave the field empty to use that.")
    return int(text)


def _with_database(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)
