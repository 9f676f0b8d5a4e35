"""A full comparison of site, memory and calendars, inside a run: differences are counted and mended.

The calendars are listed in full first and looked at for changes after that, so that what people change in
between shows among the changes and counts as no difference. Where nothing differs, nothing is written.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from latesync.errors import BridgeTableMissing, CalendarLost, EventNotFound, ProviderError
from latesync.latepoint.busy import read_busy
from latesync.model import Event, Mapping
from latesync.options import BusyWay
from latesync.plan.compare import (
    CalendarDifference,
    Compared,
    compare_calendar,
    count_form_differences,
    is_comparison_due,
)
from latesync.plan.drift import judge_own_event
from latesync.plan.inbound import last_of_each
from latesync.plan.operations import RetireMapping
from latesync.plan.pace import listed_span, runs_short
from latesync.providers.base import CalendarProvider
from latesync.store import calendars, choices, comparisons, fingerprints, mappings, resets
from latesync.store.accounts import AccountRow
from latesync.store.calendars import CalendarRow
from latesync.store.leases import Claim
from latesync.sync.busy_time import publish_busy_time
from latesync.sync.form_busy import busy_on_form
from latesync.sync.inbound import (
    list_anew,
    listening_to,
    mappings_around,
    publish,
    with_colleagues,
)
from latesync.sync.outbound import plan_account
from latesync.sync.own_events import InboundResult
from latesync.sync.parts import Brake, RunCounts, SyncParts

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FullListing:
    """Everything in a calendar that ends after `since` and begins before `until`, if there is such an end."""

    events: tuple[Event, ...]
    zone: str | None
    since: datetime
    until: datetime | None = None


@dataclass
class Comparison:
    """One under way. is_quiet: nobody said that anything changed on the site; what a plan would do then is
    a difference."""

    is_quiet: bool
    listed: dict[int, FullListing] = field(default_factory=dict)


def begin_comparison(
    parts: SyncParts, claim: Claim, provider: CalendarProvider, brake: Brake
) -> Comparison | None:
    """List the account's calendars in full, if a comparison is due; None: it is not, or cannot be made.

    To be called before the look at what changed. Whatever keeps a calendar from being listed is that look's
    to report.
    """
    account, now = claim.account, parts.clock()
    if not is_comparison_due(
        now, parts.site.zone(), account.id, account.compared_at, account.created_at
    ) or resets.open_reset(parts.database, account.id):
        return None
    is_quiet = not claim.outbound_due and account.outbound_due_at is None and account.problem is None
    comparison = Comparison(is_quiet)
    try:
        for row in claim.calendars:
            is_listed_anyway = row.sync_token is None or runs_short(
                row.listed_until, parts.site.window(), row.id
            )
            if is_listed_anyway and not comparisons.may_be_older(account.compared_at):
                continue
            with suppress(CalendarLost):
                listed = _list_all(parts, claim, row, provider, brake)
                if listed is None:
                    return None
                comparison.listed[row.id] = listed
    except ProviderError as exc:
        log.info("comparison put off account=%d error=%s", account.id, type(exc).__name__)
        if not comparisons.may_be_older(account.compared_at):  # until it has been compared, nothing is sure
            comparisons.record_tried(parts.database, account.id, now)
        return None
    return comparison


def finish_comparison(
    parts: SyncParts,
    account: AccountRow,
    provider: CalendarProvider,
    comparison: Comparison,
    seen: InboundResult,
    counts: RunCounts,
) -> bool:
    """Compare, count, mend; after the look at what changed. True: the other direction has work.

    Raises what the provider or the site raises; then nothing is recorded, and the next run compares.
    """
    rows = calendars.read_calendars(parts.database, account.id)
    found = {
        row.id: difference
        for row in rows
        if (difference := _compare_calendar(parts, account, row, comparison, seen)) is not None
    }
    form_wrong = _compare_form(parts, account.agent_id)
    missing = [mapping for one in found.values() for mapping in _gone(provider, one.missing)]
    unknown = [(row, event) for row in rows if row.id in found for event in found[row.id].unknown]
    undone, has_work = _undone(parts, account, is_quiet=comparison.is_quiet and not seen.has_drift)
    compared = Compared(
        events_wrong=sum(one.events for one in found.values()) + len(missing) + len(unknown) + undone,
        busy_wrong=sum(len(one.busy) for one in found.values()),
        form_wrong=form_wrong,
    )
    _take_up(parts, account, unknown)
    lost = {mapping.calendar_id for mapping in missing}
    anew = [row for row in rows if row.id in found and (_is_wrong(found[row.id]) or row.calendar_id in lost)]
    for row in anew:
        list_anew(parts, account, row, provider, seen)
    if anew or form_wrong:
        publish(parts, account, counts)
    _record(parts, account, compared)
    if comparisons.may_be_older(account.compared_at):
        # Which of two events stands for its booking is known when this run has put them in order.
        comparisons.ask_for_comparison(parts.database, [account.id])
    return has_work or bool(unknown) or seen.has_drift


def _list_all(
    parts: SyncParts, claim: Claim, row: CalendarRow, provider: CalendarProvider, brake: Brake
) -> FullListing | None:
    """None: stopped by the brake."""
    span = listed_span(parts.site.window())
    events: list[Event] = []
    zone, until = row.zone, None
    for page in provider.list_changes(row.calendar_id, None, span):
        if brake.is_on_for(claim.account.id):
            return None
        events += page.events
        zone, until = page.zone or zone, page.until
    return FullListing(last_of_each(events), zone, span.start, until)


def _compare_calendar(
    parts: SyncParts, account: AccountRow, row: CalendarRow, comparison: Comparison, seen: InboundResult
) -> CalendarDifference | None:
    """None where there is nothing to compare: it could not be read.

    Of one that was listed anew just now, only the events of ours that nobody remembers.
    """
    listed = comparison.listed.get(row.id)
    is_comparable = row.problem is None and row.expanded_for == parts.site.today()
    if listed is None or not is_comparable:
        return None
    is_anew = row.id in seen.listed_anew
    own = {mapping.event_id: mapping for mapping in mappings.read_mappings(parts.database, account.id)}
    own |= mappings_around(parts, account, listed.events)
    listening = listening_to(parts, account, row, listed.zone)
    difference = compare_calendar(
        listed.events,
        calendars.read_items(parts.database, row.id),
        calendars.read_calendar_slots(parts.database, row.id),
        own,
        with_colleagues(parts, listening, listed.events, own),
        changed=set() if is_anew else seen.changed.get(row.id, set()),
        since=listed.since,
        until=min((end for end in (listed.until, row.listed_until) if end is not None), default=None),
    )
    return CalendarDifference(unknown=difference.unknown) if is_anew else difference


def _compare_form(parts: SyncParts, agent_id: int) -> int:
    """How many rows on the site differ from what the form is to show."""
    if choices.read_busy_way(parts.database, parts.site_id) is BusyWay.OFF_PERIODS:
        # It looks at every row, and writes what differs.
        return sum(publish_busy_time(parts, agent_id, busy_on_form(parts, agent_id)))
    wanted = busy_on_form(parts, agent_id)
    try:
        shown = read_busy(parts.site.engine, parts.site.prefix, agent_id)
    except BridgeTableMissing:
        return 0  # said elsewhere: nothing is shown at all
    if wanted != busy_on_form(parts, agent_id):
        return 0  # another account of the same agent is being read at this moment
    return count_form_differences(wanted, shown)


def _gone(provider: CalendarProvider, missing: Sequence[Mapping]) -> list[Mapping]:
    """Absence must be proved: each is asked for by id, in its own calendar."""
    gone = []
    for mapping in missing:
        try:
            event = provider.confirm_removed(mapping.calendar_id, mapping.event_id)
        except EventNotFound:
            gone.append(mapping)
            continue
        seen = judge_own_event(mapping, event)
        if seen is not None and seen.drift is not None:
            gone.append(mapping)
    return gone


def _undone(parts: SyncParts, account: AccountRow, *, is_quiet: bool) -> tuple[int, bool]:
    """(what a plan would do though nobody knew of anything to do, whether a plan would do anything)."""
    _, safe, _ = plan_account(parts, account)
    count = sum(1 for operation in safe if not isinstance(operation, RetireMapping))
    if count and (not is_quiet or _has_just_changed(parts, account.agent_id)):
        return 0, True
    return count, bool(safe)


def _has_just_changed(parts: SyncParts, agent_id: int) -> bool:
    """Whether the site says of the agent's bookings what nobody has noticed yet; that is about to happen."""
    return any(
        parts.site.read_fingerprints(kind).get(agent_id)
        != fingerprints.read_fingerprints(parts.database, parts.site_id, kind).get(agent_id)
        for kind in ("bookings", "details")
    )


def _take_up(parts: SyncParts, account: AccountRow, unknown: Sequence[tuple[CalendarRow, Event]]) -> None:
    """Events of ours that nobody remembers become known as asked for: the next plan keeps or deletes each,
    by what the site says of its booking."""
    intents = [
        mappings.NewIntent(
            site_id=parts.site_id,
            booking_id=event.marker.booking_id,
            agent_id=account.agent_id,
            account_id=account.id,
            calendar_id=row.calendar_id,
            event_id=event.created_as,
            generation=event.marker.generation,
            span=event.content.span,
            content_hash="",
        )
        for row, event in unknown
        if event.marker is not None and event.content is not None
    ]
    newest = {intent.booking_id: intent for intent in sorted(intents, key=lambda one: one.generation)}
    if newest:
        mappings.record_intents(parts.database, list(newest.values()), parts.clock())


def _is_wrong(difference: CalendarDifference) -> bool:
    return bool(difference.busy or difference.events or difference.is_kept_wrong)


def _record(parts: SyncParts, account: AccountRow, compared: Compared) -> None:
    comparisons.record_comparison(
        parts.database,
        parts.site_id,
        account.id,
        account.agent_id,
        parts.clock(),
        events_wrong=compared.events_wrong,
        busy_wrong=compared.busy_wrong,
        form_wrong=compared.form_wrong,
        run=parts.run,
    )
    log.info(
        "account compared account=%d events=%d busy=%d form=%d",
        account.id,
        compared.events_wrong,
        compared.busy_wrong,
        compared.form_wrong,
    )
