"""Calendar changes → busy slots, for one claimed account."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import replace
from datetime import datetime, timedelta

from latesync.errors import CalendarLost, SyncTokenExpired
from latesync.model import CalendarItem, ChangePage, Event, Mapping
from latesync.plan.failures import Problem
from latesync.plan.inbound import (
    InboundPlan,
    is_over,
    last_of_each,
    plan_inbound,
    roots_of,
    slots_of,
    to_ask_for,
)
from latesync.plan.ownership import Listening, may_be_a_colleague_s
from latesync.plan.pace import listed_span, runs_short
from latesync.providers.base import CalendarProvider
from latesync.store import accounts, calendars, mappings
from latesync.store.accounts import AccountRow
from latesync.store.blocking import blocking_of
from latesync.store.calendars import CalendarRow
from latesync.store.history import What
from latesync.sync.busy_time import publish_agent
from latesync.sync.own_events import (
    InboundResult,
    RemovalCheck,
    ask_for_missing,
    changes_of,
    delete_strays,
    follow_moved,
    note_moved_away,
    note_outdated,
    note_own_events,
)
from latesync.sync.parts import Brake, RunCounts, SyncParts
from latesync.sync.recording import note_calendar
from latesync.times import Zone, zone_named

log = logging.getLogger(__name__)

# A sync token works on after an empty answer; keeping the newest once an hour saves a write per look.
TOKEN_AGE = timedelta(hours=1)


def sync_inbound(
    parts: SyncParts,
    account: AccountRow,
    rows: Sequence[CalendarRow],
    provider: CalendarProvider,
    brake: Brake,
    result: InboundResult,
) -> None:
    """Read what changed in each of the account's calendars. Raises what the provider or the site raises.

    Stopped by the brake, the calendars not yet read are read next time: their tokens stand where they did.
    """
    for row in rows:
        if brake.is_on_for(account.id):
            return
        try:
            _sync_calendar(parts, account, row, provider, result)
        except CalendarLost:
            _note_lost(parts, account, row)
            result.lost_calendars += 1
        else:
            if row.problem is not None:
                _note_back(parts, account)
                result.has_news = True  # the form may have been closed meanwhile


def publish(parts: SyncParts, account: AccountRow, counts: RunCounts) -> None:
    """Make the site show the agent's busy time; writes only what differs."""
    added, removed = publish_agent(parts, account.agent_id)
    calendars.record_published(parts.database, account.id)
    counts.busy_added += added
    counts.busy_removed += removed


def _note_lost(parts: SyncParts, account: AccountRow, row: CalendarRow) -> None:
    """Its busy time stays as last known, and says since when (design.md §5)."""
    with parts.database.write() as connection:
        calendars.record_calendar_problem(connection, row.id, Problem.CALENDAR_LOST.value, parts.clock())
        if row.problem is None:
            note_calendar(parts, connection, account, What.CALENDAR_LOST)
    log.warning("calendar lost account=%d calendar=%d", account.id, row.id)


def _note_back(parts: SyncParts, account: AccountRow) -> None:
    with parts.database.write() as connection:
        note_calendar(parts, connection, account, What.CALENDAR_BACK)


def _sync_calendar(
    parts: SyncParts, account: AccountRow, row: CalendarRow, provider: CalendarProvider, result: InboundResult
) -> None:
    if row.sync_token is not None and row.expanded_for != parts.site.today():
        _expand_anew(parts, account, row)
        result.has_news = True
    try:
        is_whole = _list(parts, account, row, provider, row.sync_token, result)
    except SyncTokenExpired:
        if row.sync_token is None:
            raise
        is_whole = False
    if not is_whole:
        list_anew(parts, account, row, provider, result)
    elif row.sync_token is not None and runs_short(row.listed_until, parts.site.window(), row.id):
        _renew(parts, account, row, provider, result)


def _renew(
    parts: SyncParts, account: AccountRow, row: CalendarRow, provider: CalendarProvider, result: InboundResult
) -> None:
    """Read all of it before what was listed no longer reaches the window's end (microsoft-graph.md D3).

    After the look at what changed, so that whatever people did to our events was seen when they did it; and
    should this break off, the next look at changes goes on where that one ended.
    """
    log.info("listing is renewed account=%d calendar=%d", account.id, row.id)
    _list(parts, account, row, provider, None, result)


def list_anew(
    parts: SyncParts, account: AccountRow, row: CalendarRow, provider: CalendarProvider, result: InboundResult
) -> None:
    """Forget how far the calendar was read, and read all of it."""
    log.info("calendar is listed anew account=%d calendar=%d", account.id, row.id)
    calendars.forget_sync_token(parts.database, row.id)
    _list(parts, account, row, provider, None, result)


def _list(
    parts: SyncParts,
    account: AccountRow,
    row: CalendarRow,
    provider: CalendarProvider,
    token: str | None,
    result: InboundResult,
) -> bool:
    """False when what changed cannot be understood without listing everything.

    What was done to our events is noted all the same: the listing of everything cannot tell when it was.
    """
    span = listed_span(parts.site.window())
    shown: set[str] = set()
    is_understood = True
    listing = row.listing if token is not None else calendars.start_listing(parts.database, row.id)
    if token is None:
        result.listed_anew.add(row.id)
    check = None if provider.removal_is_proof else RemovalCheck(provider, row.calendar_id)
    for listed in provider.list_changes(row.calendar_id, token, span):
        if token is not None and _is_nothing_new(listed, row, parts.clock()):
            continue
        page = listed if check is None else _checked(parts, account, row, listed, check, result)
        plan = _plan_page(parts, account, row, page)
        is_understood &= token is None or not plan.has_unknown_series
        shown |= {event.item.event_id for event in page.events}
        result.changed.setdefault(row.id, set()).update(plan.recompute, touched_by(page.events))
        # Before the page: one that is seen again after a crash is judged alike.
        note_moved_away(parts, plan, result)
        note_outdated(parts, plan)
        note_own_events(parts, account, plan.seen, result, is_full=token is None)
        if not is_understood:
            continue
        delete_strays(parts, account, row, provider, plan, page.events)
        if token is None and page.next_sync_token is not None:
            ask_for_missing(parts, account, row, provider, span.start, page.until, shown, result)
        _record(parts, row, page, plan, listing=listing, is_full=token is None)
        result.has_news |= bool(plan.recompute) or token is None
        if token is not None:
            result.changed_at += changes_of(page, plan)
    return is_understood


def _is_nothing_new(page: ChangePage, row: CalendarRow, now: datetime) -> bool:
    if page.events or row.problem is not None or row.sync_token_at is None:
        return False
    return now - row.sync_token_at < TOKEN_AGE


def _checked(
    parts: SyncParts,
    account: AccountRow,
    row: CalendarRow,
    page: ChangePage,
    check: RemovalCheck,
    result: InboundResult,
) -> ChangePage:
    """The page, with our events as they stand where it says no more than that they left its reach."""
    if not page.events:
        return page
    events = last_of_each(page.events)
    ours = mappings_around(parts, account, events)
    asked = to_ask_for(events, ours, listening_to(parts, account, row, page.zone))
    looked_at = check.look(events, asked)
    moved = {
        event_id
        for event_id in check.gone
        if event_id in ours and follow_moved(parts, account, ours[event_id], check.provider, result)
    }
    return replace(page, events=tuple(one for one in looked_at if one.item.event_id not in moved))


def _plan_page(parts: SyncParts, account: AccountRow, row: CalendarRow, page: ChangePage) -> InboundPlan:
    items = [event.item for event in page.events]
    ids = {item.event_id for item in items}
    known = _known_around(parts, row, items, ids)
    ours = mappings_around(parts, account, page.events)
    listening = with_colleagues(parts, listening_to(parts, account, row, page.zone), page.events, ours)
    return plan_inbound(page.events, known, ours, listening)


def mappings_around(parts: SyncParts, account: AccountRow, events: Sequence[Event]) -> dict[str, Mapping]:
    """This site's mappings of events, and this account's of the bookings they are marked with."""
    names = touched_by(events) | {event.key for event in events if event.key}
    ours = mappings.mappings_of_events(parts.database, parts.site_id, names)
    bookings = {event.marker.booking_id for event in events if event.marker is not None}
    if bookings:
        ours = mappings.mappings_of_bookings(parts.database, account.id, bookings) | ours
    return ours


def touched_by(events: Iterable[Event]) -> set[str]:
    """Their ids, and those of the series they belong to."""
    return {name for event in events for name in (event.item.event_id, event.item.series_id) if name}


def _known_around(
    parts: SyncParts, row: CalendarRow, items: list[CalendarItem], ids: set[str]
) -> dict[str, CalendarItem]:
    """The kept items of every root the page touches, also where only an exception's id is shown."""
    known = calendars.read_items(parts.database, row.id, event_ids=ids)
    roots = roots_of([*items, *known.values()])
    return known | calendars.read_items(parts.database, row.id, event_ids=roots, series_ids=roots)


def _record(
    parts: SyncParts, row: CalendarRow, page: ChangePage, plan: InboundPlan, *, listing: int, is_full: bool
) -> None:
    is_last = page.next_sync_token is not None
    calendars.record_page(
        parts.database,
        row.id,
        plan.put,
        plan.drop,
        listing=listing,
        slots_replaced_for=plan.recompute,
        slots=plan.slots,
        zone=page.zone,
        sync_token=page.next_sync_token,
        now=parts.clock(),
        end_of_listing=is_last and is_full,
        expanded_for=parts.site.today() if is_last and is_full else None,
        listed_until=page.until,
    )


def _expand_anew(parts: SyncParts, account: AccountRow, row: CalendarRow) -> None:
    """Once a site day: the window has slid, so untouched series and far events slide in."""
    items = calendars.read_items(parts.database, row.id)
    listening = listening_to(parts, account, row, row.zone)
    over = [
        event_id
        for event_id, item in items.items()
        if is_over(item, listening.window, listening.calendar_zone)
    ]
    slots = slots_of(items, roots_of(items.values()), listening)
    calendars.replace_all_slots(parts.database, row.id, slots, parts.site.today(), prune=over)


def listening_to(parts: SyncParts, account: AccountRow, row: CalendarRow, zone: str | None) -> Listening:
    return Listening(
        site_id=parts.site_id,
        agent_id=account.agent_id,
        account_id=account.id,
        subject=account.subject,
        calendar_id=row.calendar_id,
        calendar_zone=_zone(zone or row.zone, parts.site.zone()),
        window=parts.site.window(),
        policy=blocking_of(account),
    )


def with_colleagues(
    parts: SyncParts, listening: Listening, events: Iterable[Event], ours: MappingOf[str, Mapping]
) -> Listening:
    """The site's other agents as well, where an event may be one of theirs that no mapping knows of."""
    if not any(may_be_a_colleague_s(event, ours, listening) for event in events):
        return listening
    people = accounts.list_accounts(parts.database, parts.site_id)
    return replace(listening, colleagues=frozenset((row.agent_id, row.subject) for row in people))


def _zone(name: str | None, site_zone: Zone) -> Zone:
    try:
        return zone_named(name) if name else site_zone
    except ValueError:  # a zone this machine's database does not know yet
        return site_zone
