"""`settings`: the owner's choices for the site, from a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from latesync.cli.opening import opened, print_json
from latesync.cli.safety_limits import limits_now, show_limits, typed_limits

if TYPE_CHECKING:
    from latesync.options import BusyWay, UnreadablePolicy
    from latesync.services import Services

DRIFT_POLICIES = ("restore", "leave", "apply")
BUSY_WAYS = ("plugin", "off-periods")
UNREADABLE_CALENDAR = ("warn", "close", "stay-open")


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
@click.option(
    "--unreadable-calendar",
    "unreadable",
    type=click.Choice(UNREADABLE_CALENDAR),
    help="When a calendar cannot be read for long: send a mail, offer none of its agent's times, or neither.",
)
@click.option("--after-hours", type=int, help="How long that is; a day where nothing was chosen.")
@click.option("--hold-above", metavar="20%", help="Ask before more than this share of events is changed,")
@click.option("--hold-count", type=int, metavar="5", help="and more than so many, at once.")
@click.option("--json", "as_json", is_flag=True)
def settings(
    drift: str | None,
    busy_time: str | None,
    waking_hours: str | None,
    unreadable: str | None,
    after_hours: int | None,
    hold_above: str | None,
    hold_count: int | None,
    as_json: bool,
) -> None:
    """Show the site's settings, or change them."""
    with opened() as services:
        from latesync.options import DriftPolicy
        from latesync.plan.waking import parse_waking_hours
        from latesync.store.choices import (
            write_drift_policy,
            write_safety_limits,
            write_unreadable_policy,
            write_waking_hours,
        )

        database, site_id = services.database, services.site_id
        hours = parse_waking_hours(waking_hours) if waking_hours is not None else None
        policy = _unreadable_policy(services, unreadable, after_hours)
        limits = typed_limits(services, hold_above, hold_count)
        if busy_time is not None:  # first, like the hours: it may be refused, and then nothing is changed
            _choose_busy_way(services, busy_time)
        if drift is not None:
            write_drift_policy(database, site_id, DriftPolicy(drift), services.clock())
            if DriftPolicy(drift) is DriftPolicy.APPLY:
                _warn_without_plugin(services)
        if hours is not None:
            write_waking_hours(database, site_id, *hours, services.clock())
        if policy is not None:
            write_unreadable_policy(database, site_id, policy, services.clock())
        if limits is not None:
            write_safety_limits(database, site_id, limits, services.clock())
        _show(services, as_json)


def _unreadable_policy(
    services: Services, then: str | None, after_hours: int | None
) -> UnreadablePolicy | None:
    """What was typed, over what holds; None: nothing was. Raises WrongInput."""
    from latesync.options import UnreadablePolicy, WhenUnreadable
    from latesync.plan.unreadable import checked_hours
    from latesync.store.choices import read_unreadable_policy

    if then is None and after_hours is None:
        return None
    holds = read_unreadable_policy(services.database, services.site_id)
    return UnreadablePolicy(
        hours=holds.hours if after_hours is None else checked_hours(str(after_hours)),
        then=holds.then if then is None else WhenUnreadable(then.replace("-", "_")),
    )


def _show(services: Services, as_json: bool) -> None:
    from latesync.plan.waking import waking_hours_text
    from latesync.sentences.busy_sentences import WAYS
    from latesync.sentences.calendar_sentences import UNREADABLE, WHEN_UNREADABLE
    from latesync.sentences.consent_sentences import WAKING_HOURS
    from latesync.sentences.drift_sentences import POLICIES
    from latesync.store.choices import (
        read_busy_way,
        read_drift_policy,
        read_unreadable_policy,
        read_waking_hours,
    )

    database, site_id = services.database, services.site_id
    policy, way = read_drift_policy(database, site_id), read_busy_way(database, site_id)
    hours = waking_hours_text(*read_waking_hours(database, site_id))
    unreadable = read_unreadable_policy(database, site_id)
    then = unreadable.then.value.replace("_", "-")
    if as_json:
        print_json(
            {
                "drift": policy.value,
                "busy_time": _option(way),
                "waking_hours": hours,
                "unreadable_calendar": then,
                "after_hours": unreadable.hours,
                **_limits(services),
            }
        )
        return
    words = POLICIES[policy]
    click.echo(f"Events that agents move or delete (--drift {policy.value}): {words.title}. {words.text}")
    ways = WAYS[way]
    click.echo(f"Busy time on the booking form (--busy-time {_option(way)}): {ways.title}. {ways.text}")
    when = WHEN_UNREADABLE[unreadable.then]
    options = f"--unreadable-calendar {then} --after-hours {unreadable.hours}"
    click.echo(f"{UNREADABLE.title} ({options}): {when.title}. {when.text}")
    show_limits(services)
    click.echo(f"{WAKING_HOURS.title} (--waking-hours {hours}): {WAKING_HOURS.text}")


def _choose_busy_way(services: Services, busy_time: str) -> None:
    from latesync.options import BusyWay
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


def _limits(services: Services) -> dict[str, object]:
    limits = limits_now(services)
    return {"hold_above": f"{round(limits.share * 100)}%", "hold_count": limits.count}


def _option(way: BusyWay) -> str:
    return way.value.replace("_", "-")
