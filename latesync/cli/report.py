"""What `sync`, `plan` and `status` print: the same facts as JSON and as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from latesync import messages
from latesync.cli.parts import booking_and_part, booking_words
from latesync.model import Mapping
from latesync.overview import AccountOverview, AgentOverview, ClientState, Overview, Remedy
from latesync.plan.operations import Operation
from latesync.plan.promise import Promise
from latesync.read_overview import read_overview
from latesync.sentences import (
    calendar_sentences,
    consent_sentences,
    health_sentences,
    held_sentences,
    readable_sentences,
)
from latesync.sentences.drift_sentences import bookings_followed
from latesync.sentences.problem_sentences import set_aside
from latesync.services import Services
from latesync.store.accounts import AccountRow
from latesync.store.alarms import AlarmRow
from latesync.store.comparisons import ComparisonRow
from latesync.sync.now import SyncedNow
from latesync.sync.outbound import plan_account

Report = dict[str, Any]

_COUNTED = (
    ("events_created", "created"),
    ("events_updated", "updated"),
    ("events_deleted", "deleted"),
    ("busy_added", "added"),
    ("busy_removed", "removed"),
)


def sync_report(services: Services, rows: Sequence[AccountRow], synced: SyncedNow) -> Report:
    overview = read_overview(services, services.clock())
    agents = {row.agent_id for row in rows}
    shown = [
        account for agent in overview.agents if agent.agent_id in agents for account in each_account(agent)
    ]
    return {
        **{name: sum(getattr(run.counts, name) for run in synced.results) for name, _ in _COUNTED},
        "bookings_moved": sum(run.counts.bookings_moved for run in synced.results),
        "bookings_cancelled": sum(run.counts.bookings_cancelled for run in synced.results),
        "accounts": sum(1 for row in rows if overview.health.resting.since(row.agent_id) is None),
        "agents": [_account_report(overview, account) for account in shown],
        "held": [entry for account in shown for entry in _held(account)],
        "set_aside": [entry for account in shown for entry in _set_aside(account)],
        "missing_tables": list(overview.missing_tables),
        "lost_columns": list(overview.lost_columns),
        "unreadable": [entry for account in shown for entry in _unreadable(account)],
        "unreached": [row.agent_id for row in rows if row.id in synced.unreached],
        "paused": _paused(overview, shown),
        "site_problem": overview.site_problem,
        "client_problem": overview.client_problem if rows else None,
        "client_remedies": _client_remedies(overview) if rows else [],
        "compared": [
            _comparison(row.agent_id, synced.compared[row.id]) for row in rows if row.id in synced.compared
        ],
        "not_compared": [row.agent_id for row in rows if row.id in synced.not_compared],
        "needs_person": bool(
            overview.missing_tables
            or overview.lost_columns
            or synced.unreached
            or overview.site_problem
            or (rows and overview.client_problem)
            or any(account.needs_person or account.problem for account in shown)
        ),
    }


def print_sync(report: Report) -> None:
    if not report["accounts"] and not report["paused"]:
        click.echo("Nobody is connected yet. `latesync agents` lists the agents and how to invite them.")
    events = ", ".join(f"{report[name]} {words}" for name, words in _COUNTED[:3])
    busy = f"{report['busy_added']} added, {report['busy_removed']} removed"
    click.echo(
        f"{messages.counted(report['accounts'], 'account')} looked at. Events: {events}. Busy times: {busy}."
    )
    followed = bookings_followed(report["bookings_moved"], report["bookings_cancelled"])
    if followed:
        click.echo(f"As their events were changed in the calendar: {followed}.")
    for entry in report["compared"]:
        click.echo(_compared_words(report, entry))
    for agent_id in report["not_compared"]:
        click.echo(calendar_sentences.not_compared(agent_id))
    for text in dict.fromkeys(entry["text"] for entry in report["paused"]):
        click.echo(text)
    for agent_id in report["unreached"]:
        click.echo(f"Agent {agent_id}: another process is at this account. Try again in a minute.")
    if report["missing_tables"]:
        click.echo(messages.missing_tables(report["missing_tables"]))
    if report["lost_columns"]:
        click.echo(readable_sentences.lost(report["lost_columns"]))
    if report["site_problem"]:
        click.echo(messages.site_problem(report["site_problem"]))
    for text in report["client_remedies"]:
        click.echo(text)
    for account in report["agents"]:
        for sentence_text in account["attention"]:
            click.echo(f"{account['name']}: {sentence_text}")


def plan_report(services: Services, rows: Sequence[AccountRow]) -> Report:
    """Plans every account against what is known of its calendar; reads, and changes nothing.

    Raises SiteError when the site cannot be read.
    """
    parts = services.sync_parts()
    report: Report = {"operations": [], "held": [], "set_aside": [], "unreadable": []}
    for row in rows:
        plan, safe, held = plan_account(parts, row)
        report["operations"] += [_operation(operation) for operation in safe]
        report["held"] += [_operation(operation) for operation in held]
        report["set_aside"] += [
            {
                **booking_and_part(mapping.booking_id),
                "agent_id": mapping.agent_id,
                "problem": mapping.problem,
                "provider": row.provider,
            }
            for mapping in plan.set_aside
        ]
        report["unreadable"] += [
            {"booking_id": row.id, "agent_id": row.agent_id, "why": row.why} for row in plan.unreadable
        ]
    return report


def print_plan(report: Report) -> None:
    if not any(report.values()):
        click.echo("Everything is in step: nothing to do.")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Operation", "Booking", "Agent", "Why")
    for entry in report["operations"]:
        table.add_row(entry["operation"], booking_words(entry), str(entry["agent_id"]), entry["reason"])
    for entry in report["held"]:
        table.add_row(
            f"{entry['operation']} (held)", booking_words(entry), str(entry["agent_id"]), entry["reason"]
        )
    Console().print(table)
    for entry in report["set_aside"]:
        click.echo(set_aside(entry["booking_id"], entry["problem"], entry["provider"]))
    for entry in report["unreadable"]:
        click.echo(messages.unreadable_booking(entry["booking_id"], entry["why"]))
    if report["held"]:
        click.echo("Held operations are unusually many at once; they wait for a person.")


def status_report(overview: Overview) -> Report:
    return {
        "site_id": overview.site_id,
        "zone": str(overview.zone),
        "site_looked_at": overview.site_looked_at,
        "site_problem": overview.site_problem,
        "site_stopped": overview.stopped.stopped_for if overview.stopped else None,
        "client_id": overview.client_id,
        "client_problem": overview.client_problem,
        "clients": [_client(client) for client in overview.clients],
        "agents": [
            _account_report(overview, account) for agent in overview.agents for account in each_account(agent)
        ],
        "held": [entry for account in overview.accounts for entry in _held(account)],
        "set_aside": [entry for account in overview.accounts for entry in _set_aside(account)],
        "unreadable": [entry for account in overview.accounts for entry in _unreadable(account)],
        "missing_tables": list(overview.missing_tables),
        "lost_columns": list(overview.lost_columns),
        "busy_way": overview.busy_way.value,
        "remedies": [
            {"agent_id": remedy.agent_id, "text": _in_shell(remedy)} for remedy in overview.remedies()
        ],
        "notes": overview.notes(),
        "calendars": overview.calendars.lines(overview.zone),
        "last_full_comparison": _compared(overview),
        "drift_policy": overview.drift_policy.value,
        "drifted": [_drifted(mapping) for account in overview.accounts for mapping in account.drifted],
        "needs_person": overview.needs_person,
        "paused_since": overview.health.paused_since,
        "promise": {
            "outbound": _promise(overview.health.outbound),
            "inbound": _promise(overview.health.inbound),
        },
        "alarms": [_alarm(row) for row in overview.health.alarms],
    }


def print_status(overview: Overview) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    state = Column("State", min_width=max(map(len, _STATES["disconnected"].split())))  # whole at 80 columns
    has_several = any(agent.others for agent in overview.agents) or len(overview.clients) > 1
    where = ["Calendar"] if has_several else []
    table = Table(
        "ID", "Agent", *where, state, "Signs out", "Waiting", "Bookings → calendar", "Calendar → site"
    )
    for agent in overview.agents:
        for account in each_account(agent):
            table.add_row(*_line(overview, account, has_several=has_several))
    Console().print(table)
    _print_health(overview)
    remedies = overview.remedies()
    for remedy in remedies:
        click.echo(f"- {_in_shell(remedy)}")
    if not remedies:
        click.echo("Nothing needs a person.")
    differences = overview.differences()
    if differences:
        click.echo(f"Note: {overview.differences_intro().text}")
    for _, difference in differences:
        click.echo(f"Note: {difference}")
    for line in overview.calendars.lines(overview.zone):
        click.echo(f"Note: {line}")
    if any(account.is_connected for account in overview.accounts):
        click.echo(f"Last full comparison: {overview.calendars.last_comparison(overview.zone)}.")
    for note in overview.notes():
        click.echo(f"Note: {note} `latesync plugin` says how.")


def _line(overview: Overview, account: AccountOverview, *, has_several: bool) -> list[str]:
    """A line of the table. has_several: whether it says which provider's calendar is meant."""
    shows_end = account.is_connected and not account.has_lost_sign_in
    waiting = "?" if account.waiting is None else str(account.waiting)
    written, read = account.outbound_good_at, account.inbound_good_at
    return [
        str(account.agent_id),
        account.name,
        *([account.product] if has_several else []),
        _state(account),
        _consent_end(overview, account) if shows_end else "",
        waiting if account.writes else "busy only",
        messages.age(written, overview.now) if written and account.writes else "",
        messages.age(read, overview.now) if read else "",
    ]


def _in_shell(remedy: Remedy) -> str:
    return f"{remedy.text} {held_sentences.IN_SHELL}" if remedy.is_held else remedy.text


def _consent_end(overview: Overview, account: AccountOverview) -> str:
    ends_at, is_inferred = account.consent_ends_at, account.consent_end_is_inferred
    return consent_sentences.consent_end(ends_at, overview.now, overview.zone, is_inferred=is_inferred)


_STATES = {
    "never": "not connected",
    "connected": "connected",
    "needs_sign_in": "must sign in again",
    "disconnected": "disconnected",
}


def _state(account: AccountOverview) -> str:
    if account.paused_since is not None and account.is_connected:
        return "paused"
    return _STATES.get(account.state, account.state)


def _print_health(overview: Overview) -> None:
    for text in dict.fromkeys(entry["text"] for entry in _paused(overview, overview.agents)):
        click.echo(text)
    for line in overview.health.promise_lines:
        click.echo(line)


def _paused(overview: Overview, agents: Sequence[AccountOverview]) -> list[Report]:
    """Who rests; the same text for all where everything does."""
    since = overview.health.paused_since
    for_all = ""
    if since is not None:
        for_all = f"{health_sentences.everything_paused(since, overview.zone)} `latesync resume` does that."
    return [
        {
            "agent_id": agent.agent_id,
            "since": agent.paused_since,
            "text": for_all or health_sentences.agent_paused(agent.name, agent.paused_since, overview.zone),
        }
        for agent in agents
        if agent.paused_since is not None
    ]


def _promise(promise: Promise) -> Report:
    """seconds: within which `kept` of the `measured` changes of the last 24 hours arrived; None: none was."""
    seconds = promise.milliseconds / 1000 if promise.measured else None
    return {"seconds": seconds, "kept": promise.kept, "measured": promise.measured}


def _alarm(row: AlarmRow) -> Report:
    return {
        "kind": row.kind,
        "agent_id": row.agent_id or None,
        "began_at": row.began_at,
        "told_at": row.told_at,
    }


def _operation(operation: Operation) -> Report:
    return {
        "operation": operation.name,
        **booking_and_part(operation.booking_id),
        "agent_id": operation.agent_id,
        "reason": operation.reason.value,
    }


def each_account(agent: AgentOverview) -> tuple[AccountOverview, ...]:
    """What stands in a line of its own: each account, and who has none."""
    return agent.accounts or (agent,)


def _client_remedies(overview: Overview) -> list[str]:
    """What is wrong with the clients."""
    return [remedy.text for remedy in overview.client_remedies()]


def _client(client: ClientState) -> Report:
    return {
        "provider": client.provider,
        "client_id": client.client_id,
        "problem": client.problem,
        "secret_ends_on": client.secret_ends_on,
    }


def _account_report(overview: Overview, account: AccountOverview) -> Report:
    from latesync.overview import attention

    problem = [overview.problem_of(account)] if account.problem else []
    return {
        "agent_id": account.agent_id,
        "name": account.name,
        "state": account.state,
        "provider": account.provider or None,
        "writes": account.writes if account.account_id is not None else None,
        "email": account.email,
        "consent_ends_at": account.consent_ends_at,
        "consent_end_is_inferred": account.consent_end_is_inferred,
        "has_new_client": account.has_new_client,
        "waiting": account.waiting,
        "mapped": account.mapped,
        "calendars_read": account.calendars_read,
        "calendar_unreadable_since": _unreadable_since(overview, account),
        "form_is_closed": overview.calendars.is_closed(account.agent_id),
        "outbound_good_at": account.outbound_good_at,
        "inbound_good_at": account.inbound_good_at,
        "problem": account.problem,
        "problem_since": account.problem_since,
        "paused_since": account.paused_since,
        "needs_person": account.needs_person,
        "attention": [*problem, *attention(account, after_held=held_sentences.IN_SHELL)],
    }


def _unreadable_since(overview: Overview, account: AccountOverview) -> datetime | None:
    found = overview.calendars.unreadable.get(account.agent_id)
    return found.since if found else None


def _compared_words(report: Report, entry: Report) -> str:
    names = {agent["agent_id"]: agent["name"] for agent in report["agents"]}
    return calendar_sentences.compared_now(
        names.get(entry["agent_id"], f"Agent {entry['agent_id']}"),
        events=entry["events_wrong"],
        busy=entry["busy_wrong"],
        form=entry["form_wrong"],
    )


def _compared(overview: Overview) -> list[Report]:
    """The last full comparison of each agent's account; each number should be zero."""
    return [
        _comparison(agent_id, row)
        for agent_id, rows in sorted(overview.calendars.compared.items())
        for row in rows
    ]


def _comparison(agent_id: int, row: ComparisonRow) -> Report:
    return {
        "agent_id": agent_id,
        "at": row.at,
        "events_wrong": row.events_wrong,
        "busy_wrong": row.busy_wrong,
        "form_wrong": row.form_wrong,
    }


def _held(account: AccountOverview) -> list[Report]:
    return [
        {
            "operation": row.operation,
            **booking_and_part(row.booking_id),
            "agent_id": row.agent_id,
            "reason": row.reason,
            "held_at": row.held_at,
        }
        for row in account.held
    ]


def _drifted(mapping: Mapping) -> Report:
    """calendar_…: where the event stands; None where it was deleted, or its times were left alone."""
    calendar = mapping.drift_span
    return {
        **booking_and_part(mapping.booking_id),
        "agent_id": mapping.agent_id,
        "drift": mapping.drift,
        "booking_starts_at": mapping.span.start,
        "booking_ends_at": mapping.span.end,
        "calendar_starts_at": calendar.start if calendar else None,
        "calendar_ends_at": calendar.end if calendar else None,
        "refused": mapping.drift_refused or None,
    }


def _set_aside(account: AccountOverview) -> list[Report]:
    return [
        {
            **booking_and_part(mapping.booking_id),
            "agent_id": mapping.agent_id,
            "problem": mapping.problem,
        }
        for mapping in account.set_aside
    ]


def _unreadable(account: AccountOverview) -> list[Report]:
    return [
        {"booking_id": row.booking_id, "agent_id": row.agent_id, "why": row.why} for row in account.unreadable
    ]
