"""`pause` and `resume`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from latesync.cli.opening import opened
from latesync.errors import WrongInput
from latesync.sentences import health_sentences

if TYPE_CHECKING:
    from latesync.services import Services


@click.command()
@click.argument("agent_id", type=int, required=False, metavar="[AGENT]")
def pause(agent_id: int | None) -> None:
    """Let everything rest, or one agent (LatePoint's own ID). Nothing is written or read meanwhile."""
    with opened() as services:
        from latesync.store.leases import EVERYBODY
        from latesync.store.pauses import record_paused

        name = _name(services, agent_id)
        whom = EVERYBODY if agent_id is None else agent_id
        is_news = record_paused(services.database, services.site_id, whom, services.clock())
    said = health_sentences.PAUSED_ALL if agent_id is None else health_sentences.paused(name)
    click.echo(said if is_news else health_sentences.ALREADY_PAUSED)


@click.command()
@click.argument("agent_id", type=int, required=False, metavar="[AGENT]")
def resume(agent_id: int | None) -> None:
    """Go on, and catch up on what happened meanwhile. Exits 1 where somebody stays paused all the same."""
    with opened() as services:
        from latesync.store.leases import EVERYBODY
        from latesync.store.pauses import read_resting, record_resumed

        name = _name(services, agent_id)
        whom = EVERYBODY if agent_id is None else agent_id
        is_news = record_resumed(services.database, services.site_id, whom, services.clock())
        resting = read_resting(services.database, services.site_id)
    if not is_news:
        click.echo(health_sentences.NOT_PAUSED)
    else:
        click.echo(health_sentences.RESUMED_ALL if agent_id is None else health_sentences.resumed(name))
    if agent_id is None and resting.agents:
        names = [f"Agent {each}" for each in sorted(resting.agents)]
        click.echo(health_sentences.still_paused_alone(names))
    if agent_id is not None and resting.everybody_since is not None:
        click.echo(f"{health_sentences.still_paused_with_all(name)} `latesync resume` ends that.")
        sys.exit(1)
    sys.exit(1 if agent_id is None and resting.agents else 0)


def _name(services: Services, agent_id: int | None) -> str:
    """Raises WrongInput for an agent nobody knows; while the site does not answer, whom we know will do."""
    if agent_id is None:
        return ""
    from latesync.read_overview import read_overview

    found = read_overview(services, services.clock(), agent_id=agent_id).agent(agent_id)
    if found is None:
        raise WrongInput(f"The site has no agent {agent_id}. `latesync agents` lists them.")
    return found.name
