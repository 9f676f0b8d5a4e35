"""`keys`: the encryption keys of what is stored. No key that is in use is ever printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from latesync.cli.opening import opened, print_json

if TYPE_CHECKING:
    from latesync.services import Services


@click.group()
def keys() -> None:
    """Show or replace the encryption keys of stored sign-ins."""


@keys.command()
@click.option("--json", "as_json", is_flag=True)
def show(as_json: bool) -> None:
    """Show how many keys there are, where they come from, and what each is needed for; never a key."""
    with opened() as services:
        from latesync.sentences.key_sentences import NOT_TOUCHED, PUT_BACK, readable
        from latesync.store.key_file import KeyFile
        from latesync.store.sealed import count_key_use

        source = services.box.source
        use = count_key_use(services.database, source.read())
        where = str(source.path) if isinstance(source, KeyFile) else "LATESYNC_ENCRYPTION_KEYS"
    if as_json:
        print_json(
            {
                "keys": len(use.by_key),
                "from": where,
                "secrets_by_key": list(use.by_key),
                "unreadable": use.unreadable,
            }
        )
    else:
        click.echo(f"{len(use.by_key)} encryption key(s), from {where}")
        for number, count in enumerate(use.by_key, start=1):
            click.echo(f"  key {number}{' (seals)' if number == 1 else ''}: {count} stored secret(s)")
        click.echo(f"{readable(sum(use.by_key), use.unreadable)}.")
        click.echo(PUT_BACK if use.unreadable else NOT_TOUCHED)
    sys.exit(1 if use.unreadable else 0)


@keys.command()
def new() -> None:
    """Print a new key for LATESYNC_ENCRYPTION_KEYS; nothing is changed."""
    from latesync.store.secrets import new_key

    click.echo(new_key())


@keys.command()
@click.option("--json", "as_json", is_flag=True)
def rotate(as_json: bool) -> None:
    """Make a new encryption key and seal every stored secret with it, while everything runs."""
    with opened() as services:
        from latesync.store.key_file import KeyFile

        if isinstance(services.box.source, KeyFile):
            code, report, lines = _rotate_file(services, services.box.source)
        else:
            code, report, lines = _rotate_environment(services)
    if as_json:
        print_json(report)
    else:
        click.echo("\n".join(lines))
    sys.exit(code)


if TYPE_CHECKING:
    from latesync.store.key_file import KeyFile

    Outcome = tuple[int, dict[str, int], list[str]]  # exit code, report, text


def _rotate_file(services: Services, file: KeyFile) -> Outcome:
    from latesync.sentences.key_sentences import NOT_TOUCHED, not_resealed, rotated
    from latesync.store.key_rotation import rotate_key_file

    done = rotate_key_file(services.database, file)
    lines = [rotated(done.resealed, done.dropped), NOT_TOUCHED]
    if done.unreadable:
        lines.append(not_resealed(done.unreadable))
    report = {"resealed": done.resealed, "unreadable": done.unreadable, "keys": done.kept}
    return 1 if done.unreadable else 0, report, lines


def _rotate_environment(services: Services) -> Outcome:
    """The environment is the operator's; everything else is done."""
    from latesync.sentences import key_sentences
    from latesync.store.key_rotation import reseal_under_first

    given = services.box.source.read()
    use, resealed = reseal_under_first(services.database, given)
    lines = [key_sentences.resealed_from_environment(resealed)]
    if len(given) == 1:
        lines = key_sentences.one_key_in_environment()
    elif not any(use.by_key[1:]):
        lines.append(key_sentences.may_go(len(given)))
    lines.append(key_sentences.NOT_TOUCHED)
    if use.unreadable:
        lines.append(key_sentences.not_resealed(use.unreadable))
    report = {"resealed": resealed, "unreadable": use.unreadable, "keys": len(given)}
    return 1 if use.unreadable or len(given) == 1 else 0, report, lines
