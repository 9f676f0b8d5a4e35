"""`reset`: look at what a reset would do, ask for it, watch it, cancel it."""

from __future__ import annotations

import os
import secrets
import sys
from typing import TYPE_CHECKING, Any

import click

from latesync.cli.opening import opened, print_json
from latesync.cli.parts import booking_and_part
from latesync.cli.site import require_this_site
from latesync.cli.syncing import accounts_of, log_level, progress_bar, require_site
from latesync.errors import WrongInput
from latesync.sentences.provider_words import PROVIDERS

if TYPE_CHECKING:
    from latesync.services import Services
    from latesync.store.accounts import AccountRow
    from latesync.store.resets import ResetRow, ResetWish
    from latesync.sync.reset import Preview

EVENTS = ("keep", "delete-from-calendar", "clear-busy", "both")
SHOWN = 40  # lines of a list; all of them with --json


@click.command()
@click.argument("agent_id", metavar="AGENT", type=int)
@click.option("--events", type=click.Choice(EVENTS), help="What becomes of what stands now.")
@click.option(
    "--next", "next_sync", type=click.Choice(("new", "all")), help="Which bookings come afterwards."
)
@click.option("--doubles", is_flag=True, help="Remove only events of ours that nothing stands for.")
@click.option("--cancel", is_flag=True, help="End the reset that is under way.")
@click.option("--show", is_flag=True, help="Show how far the reset is, or how the last one ended.")
@click.option("--provider", type=click.Choice(PROVIDERS), help="Only the account at this provider.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; without --yes only the preview.")
def reset(
    agent_id: int,
    events: str | None,
    next_sync: str | None,
    doubles: bool,
    cancel: bool,
    show: bool,
    provider: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Begin anew with an agent's calendars; what would be done is shown first.

    Whoever uses Google and Microsoft begins anew with both, unless --provider names one.
    """
    _require_one_wish(events, next_sync, doubles=doubles, cancel=cancel, show=show)
    with opened(log_level=log_level()) as services:
        require_site(services)
        accounts = _chosen(services, agent_id, provider)
        if cancel:
            _cancel(services, accounts)
        elif show:
            sys.exit(_show(services, accounts, as_json))
        else:
            sys.exit(_reset(services, accounts, events, next_sync, yes=yes, as_json=as_json))


def _chosen(services: Services, agent_id: int, provider: str | None) -> list[AccountRow]:
    """The agent's accounts in use, the one that bookings go to first. Raises WrongInput."""
    from latesync.sentences import reset_sentences

    found = sorted(accounts_of(services, agent_id), key=lambda row: (not row.is_written, row.provider))
    chosen = [row for row in found if provider in (None, row.provider)]
    if provider is not None and not chosen:
        raise WrongInput(reset_sentences.not_connected_at(provider))
    return chosen


def _require_one_wish(
    events: str | None, next_sync: str | None, *, doubles: bool, cancel: bool, show: bool
) -> None:
    has_choice = events is not None or next_sync is not None
    if doubles + cancel + show + has_choice != 1 or (has_choice and None in (events, next_sync)):
        raise WrongInput(
            "Say what is wanted: --events keep|delete-from-calendar|clear-busy|both together with --next "
            "new|all, or --doubles, --show or --cancel alone. Nothing was changed."
        )


def _cancel(services: Services, accounts: list[AccountRow]) -> None:
    from latesync.sentences import reset_sentences
    from latesync.store.history import Who
    from latesync.store.resets import cancel_reset

    now = services.clock()
    cancelled = [cancel_reset(services.database, row.id, Who.OWNER, now) for row in accounts]
    if not any(cancelled):
        raise WrongInput(reset_sentences.NOTHING_OPEN)
    click.echo(reset_sentences.CANCELLED)


def _show(services: Services, accounts: list[AccountRow], as_json: bool) -> int:
    """The exit code."""
    from latesync.store.resets import last_reset

    jobs = [(row, last_reset(services.database, row.id)) for row in accounts]
    if as_json:
        reports = [_job_report(row, job) for row, job in jobs if job is not None]
        print_json({"reset": reports[0] if reports else None, "resets": reports})
        return 0
    waiting = False
    for row, job in jobs:
        name = _name(row, accounts)
        if job is None:
            click.echo(f"{name}The calendar of agent {row.agent_id} was never reset.")
            continue
        waits = _waits_for(services, row, job)
        click.echo("\n".join(filter(None, (f"{name}{_progress_line(job, row.provider)}", waits))))
        waiting |= bool(waits)
    return 1 if waiting else 0


def _name(account: AccountRow, accounts: list[AccountRow]) -> str:
    """In front of a line about one of several calendars."""
    from latesync.sentences.provider_words import calendar_product

    return f"{calendar_product(account.provider)}: " if len(accounts) > 1 else ""


def _waits_for(services: Services, account: AccountRow, job: ResetRow) -> str:
    """What an open reset waits for, if a person has to act; else ""."""
    from latesync.model import AccountState
    from latesync.sentences import reset_sentences
    from latesync.store.accounts import read_account
    from latesync.store.pauses import read_resting

    now = read_account(services.database, account.id)
    if not job.is_open or now is None:
        return ""
    if now.state is not AccountState.CONNECTED:
        return reset_sentences.waits_for_sign_in(account.provider)
    resting = read_resting(services.database, services.site_id)
    return reset_sentences.WAITS_FOR_RESUME if resting.includes(account.agent_id) else ""


def _reset(
    services: Services,
    accounts: list[AccountRow],
    events: str | None,
    next_sync: str | None,
    *,
    yes: bool,
    as_json: bool,
) -> int:
    """The exit code. Nothing is asked for before all of the calendars could be looked at."""
    previews = _previews(services, accounts, events, next_sync)
    shown = [_preview_report(row, preview) for row, preview in zip(accounts, previews, strict=True)]
    if as_json and not yes:
        print_json({"preview": shown[0], "previews": shown, "asked": False})
        return 0
    if not as_json:
        _print_previews(services, accounts, previews)
    if not yes:
        _confirm(previews[0].wish)
    jobs = _ask_and_perform(services, accounts, previews[0].wish, as_json)
    if as_json:
        done = [_job_report(row, job) for row, job in zip(accounts, jobs, strict=True)]
        answer = {"preview": shown[0], "previews": shown, "asked": True}
        print_json({**answer, "reset": done[0], "resets": done})
    else:
        for row, job in zip(accounts, jobs, strict=True):
            line = f"{_name(row, accounts)}{_progress_line(job, row.provider)}"
            click.echo("\n".join(filter(None, (line, _waits_for(services, row, job)))))
    return 0 if all(job.is_done and not job.refused for job in jobs) else 1


def _previews(
    services: Services, accounts: list[AccountRow], events: str | None, next_sync: str | None
) -> list[Preview]:
    from latesync.consent.flow import open_calendars
    from latesync.model import AccountState
    from latesync.options import NextSync, ResetEvents
    from latesync.sentences import reset_sentences
    from latesync.store.resets import ResetWish
    from latesync.sync.reset import newest_booking_id, read_preview

    parts = services.sync_parts()
    require_this_site(services, parts)
    wish = ResetWish(
        ResetEvents(events) if events else ResetEvents.DOUBLES,
        NextSync(next_sync) if next_sync else NextSync.ALL,
        newest_booking_id=newest_booking_id(parts),
    )
    found = []
    for account in accounts:
        provider = open_calendars(services.consent_desk(), account)
        if provider is None or account.state is not AccountState.CONNECTED:
            raise WrongInput(reset_sentences.signed_out(account.provider))
        found.append(read_preview(parts, account, provider, wish))
    return found


def _confirm(wish: ResetWish) -> None:
    """Raises WrongInput where nobody agreed."""
    from latesync.options import ResetEvents
    from latesync.sentences import reset_sentences

    if wish.events.deletes or wish.events is ResetEvents.DOUBLES:
        typed = click.prompt(f"Type {reset_sentences.WORD} to go on", default="", show_default=False)
        if typed.strip() != reset_sentences.WORD:
            raise WrongInput(reset_sentences.NOT_CONFIRMED)
    else:
        click.confirm("Go on?", abort=True)


def _ask_and_perform(
    services: Services, accounts: list[AccountRow], wish: ResetWish, as_json: bool
) -> list[ResetRow]:
    """Where a worker runs, it may be the one that does it; either way this waits for the end."""
    from latesync.store.history import Who
    from latesync.store.resets import ask_reset, last_reset
    from latesync.sync.now import sync_now

    with services.database.write() as connection:  # all of them, or none
        jobs = [ask_reset(connection, row.id, wish, Who.OWNER, services.clock()) for row in accounts]
    with progress_bar(as_json) as progress:
        owner = f"reset-{os.getpid()}-{secrets.token_hex(6)}"
        parts = services.sync_parts(progress)
        if require_this_site(services, parts):
            sync_now(parts, owner, accounts)
        services.calendars.record_quota_use()
    return [last_reset(services.database, row.id) or job for row, job in zip(accounts, jobs, strict=True)]


def _print_previews(services: Services, accounts: list[AccountRow], previews: list[Preview]) -> None:
    from latesync.options import ResetEvents
    from latesync.sentences import reset_sentences
    from latesync.sync.reset import counted_together

    wish, counts = previews[0].wish, counted_together(previews)
    if len(accounts) > 1:
        click.echo(reset_sentences.of_several([row.provider for row in accounts]))
    for text in reset_sentences.summary(wish.events, wish.next, counts):
        click.echo(text)
    lines = [
        line
        for row, preview in zip(accounts, previews, strict=True)
        for line in _event_lines(services, preview, _name(row, accounts))
    ]
    for line in lines[:SHOWN]:
        click.echo(line)
    if len(lines) > SHOWN:
        click.echo(f"  and {len(lines) - SHOWN} more (all of them with --json)")
    if counts.doubles and wish.events in (ResetEvents.KEEP, ResetEvents.CLEAR_BUSY):
        click.echo("`latesync reset AGENT --doubles` removes the doubles, and nothing else.")


def _event_lines(services: Services, preview: Preview, name: str) -> list[str]:
    from latesync.read_overview import read_zone
    from latesync.sentences import reset_sentences

    zone = read_zone(services)
    marked = [("-", verdict) for verdict in preview.plan.deletions]
    marked += [("=", verdict) for verdict in preview.plan.untouched]
    return [
        f"  {mark} {name}"
        + reset_sentences.event_line(verdict.because, verdict.booking_id, verdict.event.starts_at, zone)
        for mark, verdict in marked
    ]


def _preview_report(account: AccountRow, preview: Preview) -> dict[str, Any]:
    plan = preview.plan

    def rows(verdicts: Any) -> list[dict[str, Any]]:
        return [
            {
                **booking_and_part(verdict.booking_id),
                "starts_at": verdict.event.starts_at,
                "upcoming": verdict.is_upcoming,
                "reason": verdict.because.value,
            }
            for verdict in verdicts
        ]

    return {
        "provider": account.provider,
        "events": preview.wish.events.value,
        "next": preview.wish.next.value,
        "delete": rows(plan.deletions),
        "untouched": rows(plan.untouched),
        "counts": {
            "upcoming": plan.upcoming,
            "past": plan.past,
            "doubles": plan.doubles,
            "others": plan.others,
            "busy": preview.busy,
        },
        "left_out": [booking.id for booking in preview.bookings.left_out],
        "coming": [booking.id for booking in preview.bookings.coming],
    }


def _job_report(account: AccountRow, job: ResetRow) -> dict[str, Any]:
    return {
        "provider": account.provider,
        "events": job.wish.events.value,
        "next": job.wish.next.value,
        "state": job.state,
        "then_disconnect": job.wish.then_disconnect,
        "asked_at": job.asked_at,
        "total": job.total,
        "done": job.done,
        "refused": job.refused,
    }


def _progress_line(job: ResetRow, provider: str) -> str:
    from latesync.sentences import reset_sentences

    wish = job.wish
    return reset_sentences.progress(wish.events, job.state, job.done, job.total, job.refused, provider)
