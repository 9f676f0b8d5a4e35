"""`backup` and `restore`: everything needed to go on elsewhere, in one sealed file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from latesync.cli.opening import opened
from latesync.config import BACKUP_PASSPHRASE, names_in_use, read_backup_passphrase
from latesync.errors import WrongInput

if TYPE_CHECKING:
    from latesync.services import Services

# What the backup carries itself, and what belongs to a machine and not to the state.
_NOT_NAMED = (
    "LATESYNC_SECRET_KEY",
    "LATESYNC_ENCRYPTION_KEYS",
    "LATESYNC_BRIDGE_SECRET",
    "LATESYNC_HOME",
    "LATESYNC_DATABASE_URL",
)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def backup(file: Path, force: bool) -> None:
    """Write everything LateSync needs to go on elsewhere into FILE, sealed with a passphrase.

    It may run at any time, also beside web and worker. - for FILE means standard output. The passphrase is
    asked for, or taken from LATESYNC_BACKUP_PASSPHRASE (or LATESYNC_BACKUP_PASSPHRASE_FILE).
    """
    from latesync.archive import check_passphrase
    from latesync.sentences.key_sentences import backed_up

    is_piped = str(file) == "-"
    if is_piped and sys.stdout.isatty():
        raise WrongInput("A backup is no text for a screen. Name a file, or send the output into one.")
    if not is_piped:
        _refuse_to_overwrite(file, force)
    passphrase = _passphrase(confirm=True)
    check_passphrase(passphrase)
    with opened() as services:
        from latesync.backup import write_backup

        target = _standard_output() if is_piped else _new_file(file, force)
        with target as stream:
            rows = write_backup(services, stream, passphrase, _variables())
    click.echo(backed_up(rows), err=is_piped)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Give up the state that is here.")
@click.option("--yes", is_flag=True, help="Do not ask whether that is meant.")
def restore(file: Path, replace: bool, yes: bool) -> None:
    """Bring back what `latesync backup` wrote, here or on another machine. Stop web and worker first."""
    from latesync.backup import check_backup

    passphrase = _passphrase(confirm=False)
    description = check_backup(file, passphrase)
    with opened(require_schema=False) as services:
        from latesync.backup import refuse_to_restore, restore_backup
        from latesync.sentences import key_sentences
        from latesync.store.restore import has_state

        refuse_to_restore(services, replace=replace)
        if not yes and has_state(services.database):
            _confirm(services)
        done = restore_backup(services, file, passphrase, description)
    click.echo(key_sentences.restored(done.rows, description.made_at[:16].replace("T", " ") + " UTC"))
    here = {name.removesuffix("_FILE") for name in names_in_use()}
    missing = [name for name in description.variables if name.removesuffix("_FILE") not in here]
    for line in key_sentences.still_to_do(missing):
        click.echo(line)
    for name in done.contradicting:
        click.echo(key_sentences.contradicts(name), err=True)
    sys.exit(1 if done.contradicting else 0)


def _variables() -> list[str]:
    return [name for name in names_in_use() if name.removesuffix("_FILE") not in _NOT_NAMED]


def _passphrase(*, confirm: bool) -> str:
    """From the environment, or asked for. Raises WrongInput where nobody can be asked."""
    given = read_backup_passphrase()
    if given is not None:
        return given
    try:
        asked: str = click.prompt("Passphrase of the backup", hide_input=True, confirmation_prompt=confirm)
    except click.Abort as exc:
        raise WrongInput(f"A backup needs its passphrase. Type it, or set {BACKUP_PASSPHRASE}.") from exc
    return asked.strip()  # as from the environment


def _confirm(services: Services) -> None:
    word = "replace"
    answer = click.prompt(
        f"The state in {services.config.home} is given up. Type {word} to go on",
        default="",
        show_default=False,
    )
    if answer.strip() != word:
        raise WrongInput("Nothing was changed.")


def _refuse_to_overwrite(file: Path, force: bool) -> None:
    if file.exists() and not force:
        raise WrongInput(f"{file} is there already. Name another file, or say --force to replace it.")


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextmanager
def _new_file(path: Path, force: bool) -> Iterator[BinaryIO]:
    """A file for its owner's eyes only, there under its name only when it is whole. Raises WrongInput."""
    from latesync.private_files import sync_folder

    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if force:
            draft.replace(path)
        else:
            _refuse_to_overwrite(path, force)
            os.link(draft, path)  # never over a file that came meanwhile
        sync_folder(path.parent)
    except OSError as exc:
        raise WrongInput(f"{path} cannot be written: {exc.strerror}. Nothing was kept.") from exc
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
