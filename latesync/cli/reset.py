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
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; without --yes only the preview.")
def reset(
    agent_id: int,
    events: str | None,
    next_sync: str | None,
    doubles: bool,
    cancel: bool,
    show: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Begin anew with an agent's calendar; what would be done is shown first."""
    _require_one_wish(events, next_sync, doubles=doubles, cancel=cancel, show=show)
    with opened(log_level=log_level()) as services:
        require_site(services)
        (account,) = accounts_of(services, agent_id)[:1]
        if cancel:
            _cancel(services, account)
        elif show:
            _show(services, account, as_json)
        else:
            code = _reset(services, account, events, next_sync, yes=yes, as_json=as_json)
            sys.exit(code)


def _require_one_wish(
    events: str | None, next_sync: str | None, *, doubles: bool, cancel: bool, show: bool
) -> None:
    has_choice = events is not None or next_sync is not None
    if doubles + cancel + show + has_choice != 1 or (has_choice and None in (events, next_sync)):
        raise WrongInput(
            "Say what is wanted: --events keep|delete-from-calendar|clear-busy|both together with --next "
            "new|all, or --doubles, --show or --cancel alone. Nothing was changed."
        )


def _cancel(services: Services, account: AccountRow) -> None:
    from latesync.sentences import reset_sentences
    from latesync.store.history import Who
    from latesync.store.resets import cancel_reset

    if not cancel_reset(services.database, account.id, Who.OWNER, services.clock()):
        raise WrongInput(reset_sentences.NOTHING_OPEN)
    click.echo(reset_sentences.CANCELLED)


def _show(services: Services, account: AccountRow, as_json: bool) -> None:
    from latesync.store.resets import last_reset

    job = last_reset(services.database, account.id)
    if as_json:
        print_json({"reset": None if job is None else _job_report(job)})
        return
    if job is None:
        click.echo(f"The calendar of agent {account.agent_id} was never reset.")
        return
    click.echo(_progress_line(job))
    waits = _waits_for(services, account, job)
    if waits:
        click.echo(waits)
    sys.exit(1 if waits else 0)


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
        return reset_sentences.WAITS_FOR_SIGN_IN
    resting = read_resting(services.database, services.site_id)
    return reset_sentences.WAITS_FOR_RESUME if resting.includes(account.agent_id) else ""


def _reset(
    services: Services,
    account: AccountRow,
    events: str | None,
    next_sync: str | None,
    *,
    yes: bool,
    as_json: bool,
) -> int:
    """The exit code."""
    preview = _preview(services, account, events, next_sync)
    if as_json and not yes:
        print_json({"preview": _preview_report(preview), "asked": False})
        return 0
    if not as_json:
        _print_preview(services, preview)
    if not yes:
        _confirm(preview.wish)
    job = _ask_and_perform(services, account, preview.wish, as_json)
    if as_json:
        print_json({"preview": _preview_report(preview), "asked": True, "reset": _job_report(job)})
    else:
        click.echo("\n".join(filter(None, (_progress_line(job), _waits_for(services, account, job)))))
    return 0 if job.is_done and not job.refused else 1


def _preview(services: Services, account: AccountRow, events: str | None, next_sync: str | None) -> Preview:
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
    provider = open_calendars(services.consent_desk(), account)
    if provider is None or account.state is not AccountState.CONNECTED:
        raise WrongInput(reset_sentences.SIGNED_OUT)
    return read_preview(parts, account, provider, wish)


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


def _ask_and_perform(services: Services, account: AccountRow, wish: ResetWish, as_json: bool) -> ResetRow:
    """Where a worker runs, it may be the one that does it; either way this waits for the end."""
    from latesync.store.history import Who
    from latesync.store.resets import ask_reset, last_reset
    from latesync.sync.now import sync_now

    job = ask_reset(services.database, account.id, wish, Who.OWNER, services.clock())
    with progress_bar(as_json) as progress:
        owner = f"reset-{os.getpid()}-{secrets.token_hex(6)}"
        parts = services.sync_parts(progress)
        if require_this_site(services, parts):
            sync_now(parts, owner, [account])
        services.calendars.record_quota_use()
    return last_reset(services.database, account.id) or job


def _print_preview(services: Services, preview: Preview) -> None:
    from latesync.options import ResetEvents
    from latesync.read_overview import read_zone
    from latesync.sentences import reset_sentences

    lines = reset_sentences.summary(preview.wish.events, preview.wish.next, preview.counts)
    for text in lines:
        click.echo(text)
    zone = read_zone(services)
    shown = [
        reset_sentences.event_line(verdict.because, verdict.booking_id, verdict.event.starts_at, zone)
        for verdict in (*preview.plan.deletions, *preview.plan.untouched)
    ]
    marks = ["-"] * len(preview.plan.deletions) + ["="] * len(preview.plan.untouched)
    for mark, text in list(zip(marks, shown, strict=True))[:SHOWN]:
        click.echo(f"  {mark} {text}")
    if len(shown) > SHOWN:
        click.echo(f"  and {len(shown) - SHOWN} more (all of them with --json)")
    if preview.plan.doubles and preview.wish.events in (ResetEvents.KEEP, ResetEvents.CLEAR_BUSY):
        click.echo("`latesync reset AGENT --doubles` removes the doubles, and nothing else.")


def _preview_report(preview: Preview) -> dict[str, Any]:
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


def _job_report(job: ResetRow) -> dict[str, Any]:
    return {
        "events": job.wish.events.value,
        "next": job.wish.next.value,
        "state": job.state,
        "then_disconnect": job.wish.then_disconnect,
        "asked_at": job.asked_at,
        "total": job.total,
        "done": job.done,
        "refused": job.refused,
    }


def _progress_line(job: ResetRow) -> str:
    from latesync.sentences import reset_sentences

    return reset_sentences.progress(job.wish.events, job.state, job.done, job.total, job.refused)
