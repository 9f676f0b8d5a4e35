"""What `sync` and `plan` print: the same facts as JSON and as text."""

from __future__ import annotations

from collections.abc import Sequence

import click

from latesync import messages
from latesync.cli.parts import booking_and_part, booking_words
from latesync.cli.report import (
    Report,
    account_report,
    comparison_entry,
    each_account,
    held_entries,
    paused_entries,
    set_aside_entries,
    unreadable_entries,
)
from latesync.overview import Overview
from latesync.plan.operations import Operation
from latesync.read_overview import read_overview
from latesync.sentences import calendar_sentences, readable_sentences
from latesync.sentences.drift_sentences import bookings_followed
from latesync.sentences.problem_sentences import set_aside
from latesync.services import Services
from latesync.store.accounts import AccountRow
from latesync.sync.now import SyncedNow
from latesync.sync.outbound import plan_account

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
        "agents": [account_report(overview, account) for account in shown],
        "held": [entry for account in shown for entry in held_entries(account)],
        "set_aside": [entry for account in shown for entry in set_aside_entries(account)],
        "missing_tables": list(overview.missing_tables),
        "lost_columns": list(overview.lost_columns),
        "unreadable": [entry for account in shown for entry in unreadable_entries(account)],
        "unreached": [row.agent_id for row in rows if row.id in synced.unreached],
        "paused": paused_entries(overview, shown),
        "site_problem": overview.site_problem,
        "client_problem": overview.client_problem if rows else None,
        "client_remedies": _client_remedies(overview) if rows else [],
        "compared": [
            comparison_entry(row.agent_id, synced.compared[row.id])
            for row in rows
            if row.id in synced.compared
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


def _operation(operation: Operation) -> Report:
    return {
        "operation": operation.name,
        **booking_and_part(operation.booking_id),
        "agent_id": operation.agent_id,
        "reason": operation.reason.value,
    }


def _compared_words(report: Report, entry: Report) -> str:
    names = {agent["agent_id"]: agent["name"] for agent in report["agents"]}
    return calendar_sentences.compared_now(
        names.get(entry["agent_id"], f"Agent {entry['agent_id']}"),
        events=entry["events_wrong"],
        busy=entry["busy_wrong"],
        form=entry["form_wrong"],
    )


def _client_remedies(overview: Overview) -> list[str]:
    """What is wrong with the clients."""
    return [remedy.text for remedy in overview.client_remedies()]
