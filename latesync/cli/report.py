"""What `status` prints, and what `sync` says of accounts too: the same facts as JSON and as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from latesync import messages
from latesync.cli.parts import booking_and_part
from latesync.model import Mapping
from latesync.overview import AccountOverview, AgentOverview, ClientState, Overview, Remedy
from latesync.plan.promise import Promise
from latesync.sentences import (
    consent_sentences,
    health_sentences,
    held_sentences,
)
from latesync.store.alarms import AlarmRow
from latesync.store.comparisons import ComparisonRow

Report = dict[str, Any]


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
            account_report(overview, account) for agent in overview.agents for account in each_account(agent)
        ],
        "held": [entry for account in overview.accounts for entry in held_entries(account)],
        "set_aside": [entry for account in overview.accounts for entry in set_aside_entries(account)],
        "unreadable": [entry for account in overview.accounts for entry in unreadable_entries(account)],
        "missing_tables": list(overview.missing_tables),
        "lost_columns": list(overview.lost_columns),
        "busy_way": overview.busy_way.value,
        "remedies": [
            {"agent_id": remedy.agent_id, "text": _in_shell(remedy)} for remedy in overview.remedies()
        ],
        "notes": [*overview.notes(), *overview.secret_notes()],
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
    for note in overview.secret_notes():
        click.echo(f"Note: {note}")
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
    for text in dict.fromkeys(entry["text"] for entry in paused_entries(overview, overview.agents)):
        click.echo(text)
    for line in overview.health.promise_lines:
        click.echo(line)


def paused_entries(overview: Overview, agents: Sequence[AccountOverview]) -> list[Report]:
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


def each_account(agent: AgentOverview) -> tuple[AccountOverview, ...]:
    """What stands in a line of its own: each account, and who has none."""
    return agent.accounts or (agent,)


def _client(client: ClientState) -> Report:
    return {
        "provider": client.provider,
        "client_id": client.client_id,
        "problem": client.problem,
        "secret_ends_on": client.secret_ends_on,
    }


def account_report(overview: Overview, account: AccountOverview) -> Report:
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


def _compared(overview: Overview) -> list[Report]:
    """The last full comparison of each agent's account; each number should be zero."""
    return [
        comparison_entry(agent_id, row)
        for agent_id, rows in sorted(overview.calendars.compared.items())
        for row in rows
    ]


def comparison_entry(agent_id: int, row: ComparisonRow) -> Report:
    return {
        "agent_id": agent_id,
        "at": row.at,
        "events_wrong": row.events_wrong,
        "busy_wrong": row.busy_wrong,
        "form_wrong": row.form_wrong,
    }


def held_entries(account: AccountOverview) -> list[Report]:
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


def set_aside_entries(account: AccountOverview) -> list[Report]:
    return [
        {
            **booking_and_part(mapping.booking_id),
            "agent_id": mapping.agent_id,
            "problem": mapping.problem,
            "provider": account.provider,
        }
        for mapping in account.set_aside
    ]


def unreadable_entries(account: AccountOverview) -> list[Report]:
    return [
        {"booking_id": row.booking_id, "agent_id": row.agent_id, "why": row.why} for row in account.unreadable
    ]
