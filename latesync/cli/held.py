"""`held`: what waits for a person, being unusually many changes at once; release or reject it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from latesync.cli.opening import opened, print_json
from latesync.cli.parts import booking_and_part

if TYPE_CHECKING:
    from latesync.held_overview import HeldOverview
    from latesync.options import Decision
    from latesync.services import Services


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def held(context: click.Context, as_json: bool) -> None:
    """Show what waits for you, being unusually many changes at once."""
    if context.invoked_subcommand is not None:
        return
    with opened() as services:
        from latesync.held_overview import read_held

        found = read_held(services)
        if as_json:
            print_json(_report(found))
        else:
            _print(services, found)
    sys.exit(1 if found.groups else 0)


@held.command()
@click.argument("agent", type=int, required=False)
@click.option("--all", "everybody", is_flag=True, help="What waits of every agent.")
def release(agent: int | None, everybody: bool) -> None:
    """Let an agent's waiting changes be made, or with --all everybody's."""
    from latesync.options import Decision

    _decide(Decision.RELEASED, agent, everybody)


@held.command()
@click.argument("agent", type=int, required=False)
@click.option("--all", "everybody", is_flag=True, help="What waits of every agent.")
def reject(agent: int | None, everybody: bool) -> None:
    """Leave an agent's events as they are, or with --all everybody's."""
    from latesync.options import Decision

    _decide(Decision.REJECTED, agent, everybody)


def _decide(decision: Decision, agent: int | None, everybody: bool) -> None:
    from latesync.errors import WrongInput
    from latesync.options import Decision
    from latesync.sentences import held_sentences
    from latesync.store.held import Choice, decide, list_held

    if (agent is None) == (not everybody):
        raise WrongInput("Name one agent by ID, or give --all. `latesync held` shows what waits.")
    with opened() as services:
        database, site_id = services.database, services.site_id
        waiting = {row.agent_id for row in list_held(database, site_id)}
        if agent is not None and agent not in waiting:
            raise WrongInput(f"Nothing waits of agent {agent}. `latesync held` shows what waits.")
        done = decide(database, site_id, decision, Choice(agent_id=agent), services.clock())
        is_released = decision is Decision.RELEASED
        text = held_sentences.decided(is_released=is_released, operations=[row.operation for row in done])
        click.echo(text if waiting else "Nothing waits for you.")


def _report(found: HeldOverview) -> list[dict[str, Any]]:
    return [
        {
            "agent_id": item.row.agent_id,
            "agent": item.agent_name,
            **booking_and_part(item.row.booking_id),
            "booking_code": item.code,
            "operation": item.row.operation,
            "reason": item.row.reason,
            "starts_at": item.when.start if item.when else None,
            "what": item.what,
            "why": group.explanation,
            "held_at": item.row.held_at,
        }
        for group in found.groups
        for item in group.items
    ]


def _print(services: Services, found: HeldOverview) -> None:
    from rich.console import Console
    from rich.table import Table

    from latesync import messages

    if found.on_their_way:
        click.echo(found.on_their_way)
    if not found.groups:
        click.echo("Nothing waits for you.")
    for group in found.groups:
        click.echo(f"{group.title}, waiting since {messages.moment(group.since, found.zone)}.")
        click.echo(group.explanation)
        table = Table("Agent", "Booking", "Event stands at", "What would happen")
        for item in group.items:
            agent = f"{item.row.agent_id} {item.agent_name}"
            table.add_row(agent, item.name, item.when_words, item.what)
        Console().print(table)
    if found.groups:
        click.echo("`latesync held release AGENT` lets it happen, `latesync held reject AGENT` does not.")
