"""An agent's busy time on its way to the booking form, by the way the owner chose."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from latesync.errors import BridgeTableMissing, SchemaNotUnderstood, WrongInput
from latesync.latepoint.grants import granted_user, off_periods_grant
from latesync.latepoint.off_periods import is_missing, off_periods_table_name, rehearse
from latesync.options import BusyWay
from latesync.sentences import busy_sentences
from latesync.store import choices
from latesync.sync.form_busy import busy_on_form
from latesync.sync.off_periods import publish_off_periods
from latesync.sync.parts import SyncParts
from latesync.sync.site import BookingSite
from latesync.times import TimeRange

# As often as another account of the agent brings something new in between; then that one publishes.
MOST_PUBLISHED = 10


def publish_busy_time(parts: SyncParts, agent_id: int, slots: Mapping[str, TimeRange]) -> tuple[int, int]:
    """Make the site show an agent's busy time; returns how many rows were added and removed.

    slots: all of the agent's, as they are kept. LateSync's own table is kept in step either way, so that
    the plugin can take over at any moment; only where the plugin is the way must it be there.

    Raises SiteUnavailable, BridgeTableMissing, SchemaNotUnderstood, LeaseLost.
    """
    if choices.read_busy_way(parts.database, parts.site_id) is BusyWay.PLUGIN:
        return parts.site.publish_busy(agent_id, slots)
    counts = publish_off_periods(parts, agent_id)
    with suppress(BridgeTableMissing):
        parts.site.publish_busy(agent_id, slots)
    return counts


def publish_agent(parts: SyncParts, agent_id: int) -> tuple[int, int]:
    """Make the site show an agent's busy time of all their accounts; how many rows were added and removed.

    Two accounts of one agent may be read at once: whoever writes last looks once more whether what it wrote
    is still so, hence the form is left with what both have found. Raises as publish_busy_time does.
    """
    added = removed = 0
    desired = busy_on_form(parts, agent_id)
    for _ in range(MOST_PUBLISHED):
        more, fewer = publish_busy_time(parts, agent_id, desired)
        added, removed = added + more, removed + fewer
        written, desired = desired, busy_on_form(parts, agent_id)
        if desired == written:
            break
    return added, removed


def choose_busy_way(parts: SyncParts, way: BusyWay) -> str | None:
    """Keep the owner's choice; the worker follows it within seconds. Returns what the owner must look at.

    Raises WrongInput with the reason and its remedy, SiteUnavailable, SchemaNotUnderstood.
    """
    warning = None
    if way is BusyWay.OFF_PERIODS:
        obstacle = off_periods_obstacle(parts.site)
        if obstacle is not None:
            raise WrongInput(obstacle)
        if parts.site.facts().settings.has_pro_features is None:
            warning = busy_sentences.PRO_FEATURES_UNSURE
    choices.write_busy_way(parts.database, parts.site_id, way, parts.clock())
    return warning


def off_periods_obstacle(site: BookingSite) -> str | None:
    """Why off periods cannot show busy time on this site, with the remedy; None when they can.

    Whether Pro Features is active may not be told (SiteSettings.has_pro_features is None): no obstacle.
    Raises SiteUnavailable, SchemaNotUnderstood.
    """
    if site.facts().settings.has_pro_features is False:
        return busy_sentences.NO_PRO_FEATURES
    table = off_periods_table_name(site.prefix)
    try:
        rehearse(site.engine, site.prefix)
    except SchemaNotUnderstood as exc:
        if is_missing(exc):
            return busy_sentences.off_periods_missing(table)
        grant = off_periods_grant(site.prefix, site.engine.url.database or "", granted_user(site.engine))
        return busy_sentences.off_periods_not_granted(table, grant)
    return None
