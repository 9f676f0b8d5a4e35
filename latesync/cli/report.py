"""What `sync`, `plan` and `status` print: the same facts as JSON and as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from latesync import messages
from latesync.cli.parts import booking_and_part, booking_words
from latesync.model import Mapping
from latesync.overview import AgentOverview, Overview, Remedy
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
    shown = [agent for agent in overview.agents if agent.agent_id in agents]
    return {
        **{name: sum(getattr(run.counts, name) for run in synced.results) for name, _ in _COUNTED},
        "bookings_moved": sum(run.counts.bookings_moved for run in synced.results),
        "bookings_cancelled": sum(run.counts.bookings_cancelled for run in synced.results),
        "accounts": sum(1 for row in rows if overview.health.resting.since(row.agent_id) is None),
        "agents": [_agent_report(overview, agent) for agent in shown],
        "held": [entry for agent in shown for entry in _held(agent)],
        "set_aside": [entry for agent in shown for entry in _set_aside(agent)],
        "missing_tables": list(overview.missing_tables),
        "lost_columns": list(overview.lost_columns),
        "unreadable": [entry for agent in shown for entry in _unreadable(agent)],
        "unreached": [row.agent_id for row in rows if row.id in synced.unreached],
        "paused": _paused(overview, shown),
        "site_problem": overview.site_problem,
        "client_problem": overview.client_problem if rows else None,
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
            or any(agent.needs_person or agent.problem for agent in shown)
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
    if report["client_problem"]:
        click.echo(messages.client_problem(report["client_problem"]))
    for agent in report["agents"]:
        for sentence_text in agent["attention"]:
            click.echo(f"{agent['name']}: {sentence_text}")


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
        click.echo(messages.set_aside(entry["booking_id"], entry["problem"]))
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
        "agents": [_agent_report(overview, agent) for agent in overview.agents],
        "held": [entry for agent in overview.agents for entry in _held(agent)],
        "set_aside": [entry for agent in overview.agents for entry in _set_aside(agent)],
        "unreadable": [entry for agent in overview.agents for entry in _unreadable(agent)],
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
        "drifted": [_drifted(mapping) for agent in overview.agents for mapping in agent.drifted],
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
    table = Table("ID", "Agent", state, "Signs out", "Waiting", "Bookings → calendar", "Calendar → site")
    for agent in overview.agents:
        table.add_row(
            str(agent.agent_id),
            agent.name,
            _state(agent),
            _consent_end(overview, agent) if agent.is_connected and not agent.has_lost_sign_in else "",
            "?" if agent.waiting is None else str(agent.waiting),
            messages.age(agent.outbound_good_at, overview.now) if agent.outbound_good_at else "",
            messages.age(agent.inbound_good_at, overview.now) if agent.inbound_good_at else "",
        )
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
    if any(agent.is_connected for agent in overview.agents):
        click.echo(f"Last full comparison: {overview.calendars.last_comparison(overview.zone)}.")
    for note in overview.notes():
        click.echo(f"Note: {note} `latesync plugin` says how.")


def _in_shell(remedy: Remedy) -> str:
    return f"{remedy.text} {held_sentences.IN_SHELL}" if remedy.is_held else remedy.text


def _consent_end(overview: Overview, agent: AgentOverview) -> str:
    ends_at, is_inferred = agent.consent_ends_at, agent.consent_end_is_inferred
    return consent_sentences.consent_end(ends_at, overview.now, overview.zone, is_inferred=is_inferred)


_STATES = {
    "never": "not connected",
    "connected": "connected",
    "needs_sign_in": "must sign in again",
    "disconnected": "disconnected",
}


def _state(agent: AgentOverview) -> str:
    if agent.paused_since is not None and agent.is_connected:
        return "paused"
    return _STATES.get(agent.state, agent.state)


def _print_health(overview: Overview) -> None:
    for text in dict.fromkeys(entry["text"] for entry in _paused(overview, overview.agents)):
        click.echo(text)
    for line in overview.health.promise_lines:
        click.echo(line)


def _paused(overview: Overview, agents: Sequence[AgentOverview]) -> list[Report]:
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


def _agent_report(overview: Overview, agent: AgentOverview) -> Report:
    from latesync.overview import attention

    problem = [overview.problem_of(agent)] if agent.problem else []
    return {
        "agent_id": agent.agent_id,
        "name": agent.name,
        "state": agent.state,
        "email": agent.email,
        "consent_ends_at": agent.consent_ends_at,
        "consent_end_is_inferred": agent.consent_end_is_inferred,
        "has_new_client": agent.has_new_client,
        "waiting": agent.waiting,
        "mapped": agent.mapped,
        "calendars_read": agent.calendars_read,
        "calendar_unreadable_since": _unreadable_since(overview, agent),
        "form_is_closed": overview.calendars.is_closed(agent.agent_id),
        "outbound_good_at": agent.outbound_good_at,
        "inbound_good_at": agent.inbound_good_at,
        "problem": agent.problem,
        "problem_since": agent.problem_since,
        "paused_since": agent.paused_since,
        "needs_person": agent.needs_person,
        "attention": [*problem, *attention(agent, after_held=held_sentences.IN_SHELL)],
    }


def _unreadable_since(overview: Overview, agent: AgentOverview) -> datetime | None:
    found = overview.calendars.unreadable.get(agent.agent_id)
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
    return [_comparison(agent_id, row) for agent_id, row in sorted(overview.calendars.compared.items())]


def _comparison(agent_id: int, row: ComparisonRow) -> Report:
    return {
        "agent_id": agent_id,
        "at": row.at,
        "events_wrong": row.events_wrong,
        "busy_wrong": row.busy_wrong,
        "form_wrong": row.form_wrong,
    }


def _held(agent: AgentOverview) -> list[Report]:
    return [
        {
            "operation": row.operation,
            **booking_and_part(row.booking_id),
            "agent_id": row.agent_id,
            "reason": row.reason,
            "held_at": row.held_at,
        }
        for row in agent.held
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


def _set_aside(agent: AgentOverview) -> list[Report]:
    return [
        {
            **booking_and_part(mapping.booking_id),
            "agent_id": mapping.agent_id,
            "problem": mapping.problem,
        }
        for mapping in agent.set_aside
    ]


def _unreadable(agent: AgentOverview) -> list[Report]:
    return [
        {"booking_id": row.booking_id, "agent_id": row.agent_id, "why": row.why} for row in agent.unreadable
    ]
