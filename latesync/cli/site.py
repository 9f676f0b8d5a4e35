"""`site`: which booking site LateSync works for, and the answer where that is in question."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import click

from latesync.cli.opening import opened, print_json
from latesync.errors import SiteError, WrongInput

if TYPE_CHECKING:
    from latesync.services import Services
    from latesync.store.identity import IdentityRow
    from latesync.sync.parts import SyncParts

LOOK_EVERY_S = 1.0


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def site(context: click.Context, as_json: bool) -> None:
    """Show which booking site LateSync works for; say that it has moved, or that this is a copy."""
    if context.invoked_subcommand is not None:
        return
    with opened() as services:
        known = _looked_at(services)
        if as_json:
            print_json(_report(services, known))
        else:
            _print(known)
    sys.exit(1 if known.stopped_for else 0)


@site.command()
def moved() -> None:
    """It is the same site or the same LateSync, in a new place: everything stays, and goes on."""
    with opened() as services:
        from latesync.sentences import identity_sentences
        from latesync.store.identity import confirm_move

        known = _looked_at(services)
        if known.stopped_for is None:
            _leave_unasked(identity_sentences.NO_QUESTION)
        if not confirm_move(services.database, services.site_id, known.seen_home_url, services.clock()):
            raise WrongInput(identity_sentences.CHANGED_MEANWHILE)
        click.echo(identity_sentences.MOVED)


@site.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--although-nothing-asks",
    is_flag=True,
    help="Begin anew although nothing here looks like a copy. All sign-ins are forgotten.",
)
def copy(*, yes: bool, although_nothing_asks: bool) -> None:
    """This is a copy, for trying things out: it begins anew, with nobody connected.

    Only where LateSync asks: elsewhere a healthy installation would lose its sign-ins to a slip.
    """
    with opened() as services:
        from latesync.sentences import identity_sentences
        from latesync.sync.identity import become_copy

        known = _looked_at(services)
        if known.stopped_for is None and not although_nothing_asks:
            _leave_unasked(identity_sentences.NO_COPY)
        if not yes:
            _ask(known)
        copied = become_copy(services.sync_parts(), known.seen_home_url)
        click.echo(identity_sentences.became_copy(copied.busy_removed))


def require_this_site(services: Services, parts: SyncParts) -> bool:
    """Ends the command where a person has to say first which site this is, or another LateSync works here.

    Somebody else's turn is watched for under a minute; it moves where they live.
    False: the site does not answer, and nothing may be begun; the command's report says so.
    """
    from latesync.sentences import identity_sentences
    from latesync.sync.identity import IdentityWatch, Standing

    watch, is_told = IdentityWatch(parts), False
    try:
        while watch.look() is Standing.WATCHING:
            if not is_told:
                click.echo(identity_sentences.WATCHING, err=True)
            is_told = True
            time.sleep(LOOK_EVERY_S)
    except SiteError:
        return False
    if not watch.may_work:
        _leave_stopped(services)
    return True


def require_home(services: Services, parts: SyncParts) -> None:
    """The same for a command that changes nothing: only the address is looked at. Raises SiteError."""
    from latesync.sync.identity import look_at_home

    if look_at_home(parts) is not None:
        _leave_stopped(services)


def _leave_stopped(services: Services) -> None:
    from latesync.sentences.identity_sentences import stop_remedy

    known = _known(services)
    click.echo(stop_remedy(*known.question), err=True)
    sys.exit(1)


def _leave_unasked(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)


def _looked_at(services: Services) -> IdentityRow:
    """What is known after a fresh look; a site that does not answer leaves it as it was."""
    from latesync.sync.identity import look_at_home

    with suppress(SiteError, WrongInput):
        look_at_home(services.sync_parts(), anew=True)
    return _known(services)


def _known(services: Services) -> IdentityRow:
    from latesync.store.identity import identity_of
    from latesync.store.sites import read_site

    return identity_of(read_site(services.database, services.site_id))


def _ask(known: IdentityRow) -> None:
    from latesync.model import Stop
    from latesync.sentences.identity_sentences import COPY_WORD, TYPE_THE_WORD
    from latesync.sentences.identity_sentences import copy as copy_answer

    for line in copy_answer(known.stopped_for or Stop.OTHER_STATE).lines:
        click.echo(f"- {line}")
    if click.prompt(f'Type "{COPY_WORD}" to go on').strip().casefold() != COPY_WORD:
        raise WrongInput(TYPE_THE_WORD)


def _report(services: Services, known: IdentityRow) -> dict[str, object]:
    return {
        "site_id": services.site_id,
        "home_url": known.home_url,
        "stopped_for": known.stopped_for,
        "stopped_at": known.stopped_at,
        "seen_home_url": known.seen_home_url,
    }


def _print(known: IdentityRow) -> None:
    from latesync.sentences import identity_sentences

    click.echo(identity_sentences.works_for(known.home_url))
    if known.stopped_for is None:
        return
    click.echo(identity_sentences.why_stopped(known.stopped_for))
    if known.seen_home_url:
        click.echo(f"The site is now {known.seen_home_url}.")
    for command, answer in (
        ("moved", identity_sentences.move(known.stopped_for)),
        ("copy", identity_sentences.copy(known.stopped_for)),
    ):
        click.echo(f"\nlatesync site {command}: {answer.title}. {answer.when}")
        for line in answer.lines:
            click.echo(f"  - {line}")
