"""`settings`: the owner's choices for the site, from a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from latesync.cli.opening import opened, print_json

if TYPE_CHECKING:
    from latesync.model import BusyWay
    from latesync.services import Services

DRIFT_POLICIES = ("restore", "leave", "apply")
BUSY_WAYS = ("plugin", "off-periods")


@click.command()
@click.option(
    "--drift",
    type=click.Choice(DRIFT_POLICIES),
    help="When an agent moves or deletes a booking's event: put it back, leave it, or change the booking.",
)
@click.option(
    "--busy-time",
    type=click.Choice(BUSY_WAYS),
    help="How busy time reaches the booking form: through the plugin, or as off periods of Pro Features.",
)
@click.option(
    "--waking-hours", metavar="08:00-20:00", help="Between which hours mails go out, in the site's time."
)
@click.option("--json", "as_json", is_flag=True)
def settings(drift: str | None, busy_time: str | None, waking_hours: str | None, as_json: bool) -> None:
    """Show the site's settings, or change them."""
    with opened() as services:
        from latesync.model import DriftPolicy
        from latesync.plan.waking import parse_waking_hours
        from latesync.store.choices import write_drift_policy, write_waking_hours

        database, site_id = services.database, services.site_id
        hours = parse_waking_hours(waking_hours) if waking_hours is not None else None
        if busy_time is not None:  # first, like the hours: it may be refused, and then nothing is changed
            _choose_busy_way(services, busy_time)
        if drift is not None:
            write_drift_policy(database, site_id, DriftPolicy(drift), services.clock())
            if DriftPolicy(drift) is DriftPolicy.APPLY:
                _warn_without_plugin(services)
        if hours is not None:
            write_waking_hours(database, site_id, *hours)
        _show(services, as_json)


def _show(services: Services, as_json: bool) -> None:
    from latesync.plan.waking import waking_hours_text
    from latesync.sentences.busy_sentences import WAYS
    from latesync.sentences.consent_sentences import WAKING_HOURS
    from latesync.sentences.drift_sentences import POLICIES
    from latesync.store.choices import read_busy_way, read_drift_policy, read_waking_hours

    database, site_id = services.database, services.site_id
    policy, way = read_drift_policy(database, site_id), read_busy_way(database, site_id)
    hours = waking_hours_text(*read_waking_hours(database, site_id))
    if as_json:
        print_json({"drift": policy.value, "busy_time": _option(way), "waking_hours": hours})
        return
    words = POLICIES[policy]
    click.echo(f"Events that agents move or delete (--drift {policy.value}): {words.title}. {words.text}")
    ways = WAYS[way]
    click.echo(f"Busy time on the booking form (--busy-time {_option(way)}): {ways.title}. {ways.text}")
    click.echo(f"{WAKING_HOURS.title} (--waking-hours {hours}): {WAKING_HOURS.text}")


def _choose_busy_way(services: Services, busy_time: str) -> None:
    from latesync.model import BusyWay
    from latesync.sync.busy_time import choose_busy_way

    warning = choose_busy_way(services.sync_parts(), BusyWay(busy_time.replace("-", "_")))
    if warning:
        click.echo(warning, err=True)


def _warn_without_plugin(services: Services) -> None:
    """The choice is kept all the same: the plugin may come later."""
    from latesync.plugin import read_plugin
    from latesync.sentences.plugin_sentences import cannot_follow

    state = read_plugin(services)
    if state.heard is None or state.is_off:
        click.echo(cannot_follow(is_off=state.heard is not None), err=True)


def _option(way: BusyWay) -> str:
    return way.value.replace("_", "-")
