"""Everything that is needed to go on elsewhere, in one file that its passphrase opens; and back out of it.

Records are lines of JSON inside an archive: first what the backup is, with the keys; then the rows of every
table; then their number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from latesync import __version__
from latesync.archive import Cost, opened_stream, sealed_stream
from latesync.errors import WrongInput
from latesync.latepoint.kept_address import FILE_NAME as SITE_DATABASE
from latesync.notify.kept_server import FILE_NAME as MAIL_SERVER
from latesync.private_files import write_private
from latesync.services import BRIDGE_SECRET, ENCRYPTION_KEY, SECRET_KEY, Services
from latesync.store.dump import Record, read_records, snapshot
from latesync.store.key_file import KeyFile
from latesync.store.restore import check_revision, has_state, is_at_work, restore_rows
from latesync.store.sealed import count_key_use
from latesync.store.version import HEAD

_INCOMPLETE = "The backup is not complete. Use another copy of the file; nothing was changed here."


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the home or the environment of the old machine held. site_database, mail_server: the text of
    its file."""

    encryption_keys: tuple[str, ...] = field(repr=False)
    secret_key: str = field(repr=False)
    bridge_secret: str = field(repr=False)
    site_database: str | None = field(repr=False)
    mail_server: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Description:
    """What a backup says of itself. variables: of the environment it was made in, by name."""

    version: str
    revision: str
    made_at: str
    variables: tuple[str, ...]
    secrets: Secrets
    rows: int


@dataclass(frozen=True, slots=True)
class Restored:
    """contradicting: variables of this environment that say otherwise than the backup, by name."""

    rows: int
    contradicting: tuple[str, ...]


def write_backup(
    services: Services,
    target: BinaryIO,
    passphrase: str,
    variables: Sequence[str],
    *,
    cost: Cost | None = None,
) -> int:
    """Write a backup, of one moment of the state, while everything runs; how many rows that are.

    variables: the names of those that are set here. Raises WrongInput for a passphrase that is too short,
    StateUnavailable; what was written until then is no backup.
    """
    before = services.box.source.read()
    with (
        sealed_stream(target, passphrase, cost=cost) as stream,
        snapshot(services.database) as connection,
    ):
        # Whatever key the snapshot needs was there before it, or is there now: a rotation keeps the last one.
        keys = tuple(dict.fromkeys((*services.box.source.read(), *before)))
        _put(stream, ["latesync", _description(services, keys, variables)])
        rows = 0
        for record in read_records(connection):
            _put(stream, record)
            rows += record[0] == "row"
        _put(stream, ["end", rows])
    return rows


def check_backup(file: Path, passphrase: str) -> Description:
    """Read a backup from its beginning to its end; changes nothing.

    Raises WrongInput: wrong passphrase, damaged, cut short, of a newer version, no backup.
    """
    with file.open("rb") as source, opened_stream(source, passphrase) as stream:
        lines = _records(stream)
        said = next(lines, None)
        rows, end = 0, None
        for record in lines:
            rows += record[0] == "row"
            end = record
        if end != ["end", rows]:
            raise WrongInput(_INCOMPLETE)
    description = _described(said, rows)
    check_revision(description.revision)
    return description


def refuse_to_restore(services: Services, *, replace: bool) -> None:
    """Raises WrongInput where there is something to lose that nobody agreed to lose, or somebody at work."""
    if is_at_work(services.database, services.clock()):
        raise WrongInput(
            "A worker is at work on the state that is here. Stop web and worker first, then restore. "
            "Nothing was changed."
        )
    if not replace and has_state(services.database):
        raise WrongInput(
            "There is a LateSync here already, with accounts or settings of its own. Restore into an empty "
            "one, or say --replace: then what is here is given up. Nothing was changed."
        )


def restore_backup(services: Services, file: Path, passphrase: str, description: Description) -> Restored:
    """Put a checked backup in place of the state that is here.

    The keys come first, beside those that were here: whatever is in the tables when this is interrupted can
    be read, and the same restore can be repeated. The other secrets come last: where the rows could not be
    put there, links and the plugin go on with the state that was here.
    """
    home, kept = services.config.home, description.secrets
    keys = KeyFile(home / ENCRYPTION_KEY)
    with keys.held_alone():
        own = keys.read() if keys.path.exists() else ()
        keys.replace(tuple(dict.fromkeys((*kept.encryption_keys, *own))))
        with file.open("rb") as source, opened_stream(source, passphrase) as stream:
            rows = (record for record in _records(stream) if record[0] in ("table", "row"))
            count = restore_rows(services.database, description.revision, rows, services.clock())
        write_private(home / SECRET_KEY, kept.secret_key + "\n")
        write_private(home / BRIDGE_SECRET, kept.bridge_secret + "\n")
        if kept.site_database is not None:
            write_private(home / SITE_DATABASE, kept.site_database)
        if kept.mail_server is not None:
            write_private(home / MAIL_SERVER, kept.mail_server)
        keys.replace(kept.encryption_keys)
    return Restored(count, tuple(_contradicting(services, kept)))


def _contradicting(services: Services, kept: Secrets) -> Iterator[str]:
    config = services.config
    if config.encryption_keys:
        ours = count_key_use(services.database, config.encryption_keys).unreadable
        if ours > count_key_use(services.database, kept.encryption_keys).unreadable:
            yield "LATESYNC_ENCRYPTION_KEYS"
    if config.secret_key not in (None, kept.secret_key):
        yield "LATESYNC_SECRET_KEY"
    if config.bridge_secret not in (None, kept.bridge_secret):
        yield "LATESYNC_BRIDGE_SECRET"


def _description(services: Services, keys: Sequence[str], variables: Sequence[str]) -> dict[str, Any]:
    home = services.config.home
    return {
        "version": __version__,
        "revision": HEAD,
        "made_at": services.clock().isoformat(),
        "variables": list(variables),
        "secrets": {
            "encryption_keys": list(keys),
            "secret_key": services.secret_key,
            "bridge_secret": services.bridge_secret,
            "site_database": _text(home / SITE_DATABASE),
            "mail_server": _text(home / MAIL_SERVER),
        },
    }


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _described(record: Record | None, rows: int) -> Description:
    match record:
        case [
            "latesync",
            {
                "version": str(version),
                "revision": str(revision),
                "made_at": str(made_at),
                "variables": list(variables),
                "secrets": {
                    "encryption_keys": list(keys),
                    "secret_key": str(secret_key),
                    "bridge_secret": str(bridge_secret),
                    "site_database": (str() | None) as site_database,
                    "mail_server": (str() | None) as mail_server,
                },
            },
        ]:
            secrets = Secrets(tuple(keys), secret_key, bridge_secret, site_database, mail_server)
            return Description(version, revision, made_at, tuple(variables), secrets, rows)
    raise WrongInput(_INCOMPLETE)


def _put(stream: BinaryIO, record: Record) -> None:
    stream.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _records(stream: BinaryIO) -> Iterator[Record]:
    for line in stream:
        yield json.loads(line)
