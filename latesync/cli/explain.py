"""`explain`: why a booking is (not) in the calendar, why a time is (not) blocked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from latesync.cli.opening import opened, print_json
from latesync.errors import WrongInput

if TYPE_CHECKING:
    from latesync.explaining.answers import BookingAnswer
    from latesync.explaining.slot_answers import SlotAnswer

SHOWN = 20  # entries of the timeline; `latesync history` has all


@click.group()
def explain() -> None:
    """Say why a booking is, or is not, in the calendar, or why a time is blocked."""


@explain.command()
@click.argument("booking_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True)
def booking(booking_id: str, as_json: bool) -> None:
    """Why booking ID (its number, or its code) is, or is not, in its agent's calendar."""
    with opened() as services:
        from latesync.explaining.answers import answer, read_names
        from latesync.explaining.bookings import explain_booking
        from latesync.explaining.finding import find_booking

        found = find_booking(services, booking_id)
        facts = explain_booking(services, found, services.clock())
        said = answer(facts, read_names(services), in_shell=True)
    if as_json:
        print_json(booking_report(said))
    else:
        _print_booking(said)
    sys.exit(0 if said.is_known and not said.site_problem else 1)


@explain.command()
@click.argument("agent_id", type=int, metavar="ID")
@click.option("--at", "at", required=True, metavar="TIME", help="2026-11-24T10:00 in the site's time.")
@click.option("--json", "as_json", is_flag=True)
def agent(agent_id: int, at: str, as_json: bool) -> None:
    """Why agent ID is, or is not, blocked at TIME: in the site's time, or with an offset of its own."""
    with opened() as services:
        from latesync.explaining.answers import name_of, read_names
        from latesync.explaining.finding import read_site_zone
        from latesync.explaining.slot_answers import answer
        from latesync.explaining.slots import explain_slot
        from latesync.store.accounts import active_account
        from latesync.times import parse_moment

        try:
            asked = parse_moment(at, read_site_zone(services))
        except ValueError:
            raise WrongInput(
                f"{at} is no day and time. It looks like 2026-11-24T10:00, or 2026-11-24T10:00+01:00."
            ) from None
        names = read_names(services)
        if (
            names
            and agent_id not in names
            and active_account(services.database, services.site_id, agent_id) is None
        ):
            raise WrongInput(f"The site has no agent {agent_id}. `latesync agents` lists them.")
        facts = explain_slot(services, agent_id, asked, services.clock())
        said = answer(facts, name_of(names, agent_id), in_shell=True)
    if as_json:
        print_json(slot_report(said))
    else:
        _print_slot(said)
    sys.exit(1 if said.site_problem else 0)


def booking_report(said: BookingAnswer) -> dict[str, Any]:
    from latesync.explaining.exports import as_dict

    return {
        "booking_id": said.booking_id,
        "is_known": said.is_known,
        "site_problem": said.site_problem or None,
        "stopped": said.stopped or None,
        "calendars": [
            {
                "agent_id": place.agent_id or None,
                "provider": place.provider or None,
                "case": place.case.value,
                "answer": place.answer.title,
                "because": place.answer.text,
                "operation": place.operation or None,
                "reason": place.reason or None,
                "has_event": place.has_event,
                "waits_for": list(place.waits),
                "next_try": place.next_try or None,
                "may_retry": place.may_retry,
            }
            for place in said.places
        ],
        "history": [as_dict(row, said.zone) for row in said.history],
    }


def slot_report(said: SlotAnswer) -> dict[str, Any]:
    return {
        "agent_id": said.agent_id,
        "is_blocked": said.is_blocked,
        "site_problem": said.site_problem or None,
        "moments": [
            {
                "at": moment.at.isoformat(),
                "is_blocked": moment.is_blocked,
                "because": list(moment.blocking),
                "not_blocking": list(moment.beside),
                "entries": [
                    {"provider": entry.provider, "blocks": entry.blocks, "text": entry.text}
                    for entry in moment.entries
                ],
            }
            for moment in said.moments
        ],
        "notes": list(said.notes),
        "looks": list(said.looks),
    }


def _print_booking(said: BookingAnswer) -> None:
    from latesync.explaining.answers import entry_text
    from latesync.sentences.history_sentences import dated

    click.echo(said.which)
    for sentence in (said.stopped, said.site_problem):
        if sentence:
            click.echo(sentence)
    for place in said.places:
        click.echo(f"{place.answer.title} {place.answer.text}".strip())
        for text in (*place.waits, place.next_try):
            if text and text != said.stopped:
                click.echo(f"  {text}")
        if place.may_retry:
            click.echo(f"  `latesync retry {said.booking_id}` tries it again.")
        if place.is_held:
            click.echo("  `latesync held` shows what waits.")
    if said.history:
        click.echo("What happened to it:")
    for row in said.history[:SHOWN]:
        click.echo(f"  {dated(row.at, said.now, said.zone)}  {entry_text(row, said.zone)}")
    if len(said.history) > SHOWN:
        click.echo(f"  `latesync history --booking {said.booking_id}` shows the rest.")


def _print_slot(said: SlotAnswer) -> None:
    for moment in said.moments:
        if len(said.moments) > 1:
            click.echo(f"{moment.at.isoformat()}:")
        click.echo(said.verdict(moment))
        for text in (*moment.blocking, *moment.beside):
            click.echo(f"- {text}")
    for text in (*said.notes, *said.looks):
        click.echo(text)
