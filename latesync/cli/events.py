"""`events`: what the events in calendars say and look like, from a shell."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from latesync.cli.opening import opened

if TYPE_CHECKING:
    from latesync.plan.event_settings import EventSettings
    from latesync.services import Services

SERVICE = click.option(
    "--service",
    "service_id",
    metavar="ID",
    type=click.IntRange(min=1),
    help="LatePoint's number of a service; without it, all services without wishes of their own.",
)


@click.group()
def events() -> None:
    """Show or change what the events in calendars say and look like."""


@events.command()
@SERVICE
def show(service_id: int | None) -> None:
    """Print the settings as JSON, as `events set` takes them."""
    with opened() as services:
        _require_service(services, service_id)
        from latesync.plan.event_settings import to_json
        from latesync.sync.event_choices import read_event_choices

        settings = read_event_choices(services.database, services.site_id).of_service(service_id)
        click.echo(json.dumps(json.loads(to_json(settings)), ensure_ascii=False, indent=2))


@events.command("set")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@SERVICE
@click.option("--standard", is_flag=True, help="Forget what was chosen, instead of reading a file.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def set_(file: Path | None, service_id: int | None, *, standard: bool, yes: bool) -> None:
    """Take settings from a JSON file; what is not in it stays. Says first how many events are rewritten."""
    if (file is None) != standard:
        raise click.UsageError("Name a file, or --standard.")
    with opened() as services:
        from latesync.plan.event_settings import ALL_SERVICES, EventChoices, parse_settings
        from latesync.sentences.event_sentences import saved
        from latesync.sync.event_choices import choose_event_settings, read_event_choices

        service = service_id or ALL_SERVICES
        choices: EventChoices = read_event_choices(services.database, services.site_id)
        chosen = parse_settings(_values(file), choices.of_service(service)) if file else None
        count = _count(services, service, chosen)
        if not yes:
            _ask(count)
        choose_event_settings(services.sync_parts(), service, chosen)
        click.echo(saved(count))


@events.command()
@click.option(
    "--cancelled",
    type=click.Choice(("delete", "keep")),
    help="When a booking is cancelled: take its event away, or keep it, marked and shown as free.",
)
@click.option(
    "--also",
    metavar="STATUS,...",
    help="Bookings of these statuses stand in the calendars too, as completed,no_show; empty: no others.",
)
def statuses(cancelled: str | None, also: str | None) -> None:
    """Show or change which bookings stand in the calendars."""
    with opened() as services:
        from latesync.sentences.event_sentences import CANCELLED, also_in_calendars
        from latesync.store.choices import read_event_statuses, write_event_statuses

        database, site_id = services.database, services.site_id
        chosen = read_event_statuses(database, site_id)
        if also is not None:
            chosen = replace(chosen, also_wanted=_known_statuses(services, also))
        if cancelled is not None:
            chosen = replace(chosen, keeps_cancelled=cancelled == "keep")
        if also is not None or cancelled is not None:
            write_event_statuses(database, site_id, chosen, services.clock())
        words = CANCELLED["keep" if chosen.keeps_cancelled else "delete"]
        click.echo(also_in_calendars(sorted(chosen.also_wanted)))
        click.echo(f"When a booking is cancelled: {words.title}. {words.text}")


def _require_service(services: Services, service_id: int | None) -> None:
    """Raises WrongInput for a number the site does not have; while it cannot be read, any will do."""
    from latesync.errors import SiteError, WrongInput
    from latesync.sentences.event_sentences import no_service

    if service_id is None or not services.has_site_address():
        return
    try:
        known = services.site.services()
    except SiteError:
        return
    if service_id not in known:
        raise WrongInput(no_service(service_id, known))


def _known_statuses(services: Services, text: str) -> frozenset[str]:
    """Raises WrongInput for one the site does not have, SiteError."""
    from latesync.errors import WrongInput
    from latesync.model import CANCELLED
    from latesync.sentences.event_sentences import not_among

    wanted = frozenset(part.strip() for part in text.split(",") if part.strip())
    known = [status for status in services.site.facts().settings.statuses if status != CANCELLED]
    if not wanted <= set(known):
        raise WrongInput(not_among("also", known))
    return wanted


def _values(file: Path) -> dict[str, Any]:
    """Raises WrongInput."""
    from latesync.errors import WrongInput
    from latesync.sentences.event_sentences import NOT_AN_OBJECT

    try:
        values = json.loads(file.read_text("utf-8"))
    except ValueError as exc:  # also what is no UTF-8
        raise WrongInput(NOT_AN_OBJECT) from exc
    if not isinstance(values, dict):
        raise WrongInput(NOT_AN_OBJECT)
    return values


def _count(services: Services, service_id: int, chosen: EventSettings | None) -> int:
    """Raises SiteError."""
    from latesync.sync.event_choices import with_service
    from latesync.sync.event_preview import count_rewritten
    from latesync.sync.outbound import read_policy

    parts = services.sync_parts()
    policy = read_policy(parts)
    return count_rewritten(parts, replace(policy, events=with_service(policy.events, service_id, chosen)))


def _ask(count: int) -> None:
    from latesync.sentences.event_sentences import to_be_rewritten

    click.echo(to_be_rewritten(count))
    click.confirm("Save?", abort=True)
