"""`history` and `retry`."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from latesync.cli.opening import opened
from latesync.errors import WrongInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from latesync.services import Services
    from latesync.store.history import HistoryRow
    from latesync.times import Zone

SHOWN = 50


@click.command()
@click.option("--agent", "agent_id", type=int, help="Only this agent (LatePoint's own ID).")
@click.option("--booking", help="Only this booking, by its number or code.")
@click.option("--run", help="Only what one run did.")
@click.option("--since", metavar="DAY", help="Only from this day on, like 2026-11-24.")
@click.option(
    "--limit", type=click.IntRange(1), help=f"How many, the newest first; {SHOWN} without --csv or --json."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print all of it as CSV, in the site's time.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
def history(
    agent_id: int | None,
    booking: str | None,
    run: str | None,
    since: str | None,
    limit: int | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Show what LateSync did, and why."""
    if as_csv and as_json:
        raise WrongInput("Choose one of --csv and --json.")
    with opened() as services:
        from itertools import islice

        from latesync.explaining.exports import csv_lines, json_lines
        from latesync.explaining.finding import find_booking, read_site_zone
        from latesync.store.history import Wanted, stream_history

        if agent_id is not None:
            _require_agent(services, agent_id)
        zone = read_site_zone(services)
        wanted = Wanted(
            agent_id=agent_id,
            booking_id=find_booking(services, booking) if booking else None,
            run=run,
            since=_day(since, zone) if since else None,
        )
        most = limit if limit or as_csv or as_json else SHOWN
        rows = islice(stream_history(services.database, services.site_id, wanted), most)
        if as_csv or as_json:
            for text in csv_lines(rows, zone) if as_csv else json_lines(rows, zone):
                click.echo(text, nl=False)
        else:
            _print(rows, zone, services.clock())


@click.command()
@click.argument("booking", metavar="BOOKING")
def retry(booking: str) -> None:
    """Write the event of BOOKING (its number, or its code) once more, after the provider refused it."""
    with opened() as services:
        from latesync.explaining.finding import find_booking
        from latesync.store.history import Who
        from latesync.store.retries import retry_set_aside

        found = find_booking(services, booking)
        agents = retry_set_aside(services.database, services.site_id, found, services.clock(), who=Who.OWNER)
    if not agents:
        click.echo(f"Nothing of booking {found} is set aside. `latesync explain booking {found}` says why.")
        sys.exit(1)
    click.echo(
        f"The event of booking {found} is tried again. `latesync explain booking {found}` says how it went."
    )


def _require_agent(services: Services, agent_id: int) -> None:
    """Raises WrongInput for a number nobody knows; one that left the site has a history all the same."""
    from latesync.explaining.answers import read_names
    from latesync.store.history import Wanted, read_history

    names = read_names(services)
    of_agent = Wanted(agent_id=agent_id)
    if (
        names
        and agent_id not in names
        and not read_history(services.database, services.site_id, of_agent, limit=1)
    ):
        raise WrongInput(f"The site has no agent {agent_id}. `latesync agents` lists them.")


def _day(text: str, zone: Zone) -> datetime:
    from latesync.times import parse_moment

    try:
        return parse_moment(f"{text}T00:00" if "T" not in text else text, zone).instants[0]
    except ValueError:
        raise WrongInput(f"{text} is no day. It looks like 2026-11-24.") from None


def _print(rows: Iterable[HistoryRow], zone: Zone, now: datetime) -> None:
    from latesync.explaining.answers import entry_text
    from latesync.sentences.history_sentences import dated, who_words

    shown = 0
    for row in rows:
        shown += 1
        about = [f"booking {row.booking_id}"] * (row.booking_id is not None)
        about += [f"agent {row.agent_id}"] * (row.agent_id is not None)
        where = f" ({', '.join(about)})" if about else ""
        click.echo(f"{dated(row.at, now, zone)}  {entry_text(row, zone)}{where}  [{who_words(row.who)}]")
    if not shown:
        click.echo("Nothing was found.")
