"""The laws of design.md §9, checked on the whole town after it has become quiet."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from latesync.latepoint.busy import read_busy
from latesync.model import MappingState
from latesync.options import AllDay, BlockingPolicy, DriftPolicy
from latesync.plan.event_settings import Grouping
from latesync.sandbox.changes import ChangeLog
from latesync.sandbox.google.listing import expanded
from latesync.sandbox.google.state import Event
from latesync.sandbox.microsoft.graph_state import Item
from latesync.store import accounts, calendars, comparisons, drift, fingerprints, leases, resets
from latesync.store.blocking import blocking_of
from latesync.store.database import Database
from latesync.store.mappings import read_mappings
from latesync.sync.crew import LEASE
from latesync.sync.event_choices import read_event_choices
from latesync.sync.inbound import sync_inbound
from latesync.sync.outbound import plan_account
from latesync.sync.own_events import InboundResult
from latesync.times import TimeRange
from tests.property.machine.outlook import OutlookEvent
from tests.property.machine.outlook_people import GUEST
from tests.property.machine.people import People, Standing
from tests.property.machine.stand import PREFIX
from tests.property.machine.town import BERLIN, Process, Town

Span = tuple[float, float]
# Looked at within a quarter of an hour, and tried for another (plan/invitations.py); and a round or two.
FRESH = timedelta(minutes=35)


def check_laws(town: Town, people: People) -> None:
    check_second_plan_is_empty(town)
    check_one_event_per_booking(town, people)
    people.check_untouched()
    people.check_wishes()
    assert not town.wrong_deletions, town.wrong_deletions
    check_busy_is_theirs_alone(town, people)
    check_busy_equals_full_listing(town)
    check_resets_are_over(town)
    check_mails(town)
    check_one_is_written(town)


def check_second_plan_is_empty(town: Town) -> None:
    """L1."""
    for account in town.active():
        plan, safe, held = plan_account(town.process.parts, account)
        assert plan.operations == (), [operation.reason for operation in plan.operations]
        assert (safe, held, plan.set_aside) == ([], [], ())


def check_only_people_wish(town: Town, people: People) -> None:
    """L10, for people whose acts were written down: a booking was moved or cancelled at most as often as
    somebody did that to its event, and what still differs is somebody's doing, and left by choice."""
    mailed = Counter(town.plugin.mailed) if town.plugin is not None else Counter()
    for (verb, booking_id), count in mailed.items():
        assert count <= people.acts[verb, booking_id], f"nobody wished to {verb} booking {booking_id}"
    for mapping in drift.list_drifted(town.database, town.site_id):
        assert town.policy is DriftPolicy.LEAVE, f"the event of booking {mapping.booking_id} still differs"
        assert mapping.event_id in people.touched, f"nobody touched the event of booking {mapping.booking_id}"


def check_one_event_per_booking(town: Town, people: People) -> None:
    """L2 and L9. What is past may stay as history, and history that its agent moved is the agent's."""
    standing = _standing(town, people)
    left = {mapping.booking_id for mapping in drift.list_drifted(town.database, town.site_id)}
    rows = town.bookings()
    window = town.window
    together = _together(town, rows)
    for booking_id in rows.keys() | standing.keys():
        row = rows.get(booking_id)
        span = None if row is None else true_span(row)
        members = together.get(booking_id, (booking_id,))
        if booking_id != members[0]:
            continue  # counted with the first of those it shares its event with
        events = [
            placed
            for member in members
            for placed in standing[member]
            if placed[1].end_ts > window.start.timestamp() and placed[1].id not in town.notes.kept
        ]
        of_latesync = [placed for placed in events if placed[1].id not in people.brought_back]
        # What was left where its agent put it became history there.
        stranded = [placed for placed in of_latesync if placed[1].id not in people.touched]
        if row is None or span is None or not _is_wanted(town, row):
            assert not (stranded if town.was_left else of_latesync), (
                f"booking {booking_id} is not wanted and has an event"
            )
        elif span.end <= window.start:
            assert not (stranded if town.was_left else of_latesync), (
                f"booking {booking_id} is over and stands in the window"
            )
        elif all(member in _left_out(town, row["agent_id"]) for member in members):
            assert not stranded, f"booking {booking_id} was left out and has an event"
        elif left.intersection(members) or _is_kept(town, standing, members):
            assert len(of_latesync) <= 1, f"booking {booking_id} has {len(of_latesync)} events"
        elif span.start < window.end:
            counted = of_latesync or events
            assert len(counted) == 1, f"booking {booking_id} has {len(counted)} events"
            _check_place(town, counted[0], row, span)
        else:
            assert len(of_latesync) <= 1
            for placed in of_latesync:
                # In the calendar of another account it waits where it stood before.
                is_written = placed[0] == town.targets()[row["agent_id"]]
                _check_place(town, placed, row, span) if is_written else _check_times(placed[1], row, span)


def check_resets_are_over(town: Town) -> None:
    """L9 for what a person asked for; and after "all bookings", none is left out."""
    for account in town.active():
        job = resets.last_reset(town.database, account.id)
        assert job is None or not job.is_open, f"a reset of agent {account.agent_id} was never finished"
        if account.agent_id not in town.notes.only_new:
            left_out = _left_out(town, account.agent_id)
            assert not left_out, f"nobody wished bookings {left_out} of agent {account.agent_id} away"


def check_mails(town: Town) -> None:
    """L10: nobody, unless the owner invites customers; and then as often as their bookings changed on the
    site, and shortly after that. At Microsoft nobody ever, but whom the agents themselves invited (V2)."""
    if town.outlook is not None:
        mailed = [mail["to"] for mail in town.outlook.world.mails()]
        assert all(to == [GUEST] for to in mailed), "somebody got a mail"
    mails = list(town.world.mails)
    assert town.notes.has_invited or not mails, "somebody got a mail"
    if not mails:
        return
    bookings = town.bookings_by_event()
    sent = Counter((mail["kind"], bookings[mail["event_id"]]) for mail in mails)
    for (kind, booking_id), count in sent.items():
        changes = town.notes.changes[booking_id]
        assert count <= len(changes), f"booking {booking_id}: {count} mails of kind {kind}"
    for mail in mails:
        booking_id = bookings[mail["event_id"]]
        since = datetime.fromtimestamp(mail["time"], UTC) - FRESH
        is_news = any(changed_at >= since for changed_at in town.notes.changes[booking_id])
        assert is_news, f"booking {booking_id}: {mail['kind']} although nothing happened"


def check_one_is_written(town: Town) -> None:
    """Of an agent's accounts, one; in another nothing stands but what comes too late to be written yet."""
    for agent_id in town.emails:
        active = accounts.active_accounts(town.database, town.site_id, agent_id)
        assert [account.is_written for account in active].count(True) == 1
        for account in active[1:]:
            known = read_mappings(town.database, account.id)
            standing = [
                each.booking_id
                for each in known
                if each.state is MappingState.LIVE and each.span.start < town.window.end
            ]
            assert not standing, (
                f"bookings {standing} of agent {agent_id} stand in the account not written to"
            )


def check_comparison_finds_nothing(town: Town) -> None:
    """In a world that has become quiet, everything listed anew is as it was known."""
    comparisons.ask_for_comparison(town.database, [account.id for account in town.active()])
    town.settle()
    found = comparisons.last_comparisons(town.database, town.site_id)
    for account in town.active():
        row = found[account.id]
        wrong = (row.events_wrong, row.busy_wrong, row.form_wrong)
        assert wrong == (0, 0, 0), f"agent {account.agent_id}: {wrong} differ in a quiet world"


def check_busy_is_theirs_alone(town: Town, people: People) -> None:
    """L5, and L6 by another's arithmetic: the sandbox expands series with a library of its own."""
    window = (town.window.start.timestamp(), town.window.end.timestamp())
    for agent_id in town.emails:
        spans: list[Span] = []
        for account in accounts.active_accounts(town.database, town.site_id, agent_id):
            policy = blocking_of(account)
            for row in calendars.read_calendars(town.database, account.id):
                if row.reads_busy:
                    spans += _blocked_in(town, people, row.calendar_id, window, policy)
        expected = _merged(spans, window)
        shown = read_busy(town.site.engine, PREFIX, agent_id).values()
        held = _merged([(span.start.timestamp(), span.end.timestamp()) for span in shown], window)
        assert held == expected, _difference(held, expected)


def _blocked_in(
    town: Town, people: People, calendar_id: str, window: Span, policy: BlockingPolicy
) -> list[Span]:
    if town.outlook is not None and town.outlook.has(calendar_id):
        ours = {event.id for event in people.events(calendar_id, ours=True)}
        items = [each for each in town.outlook.dates(calendar_id, *window) if each.id not in ours]
        return [(each.start_ts, each.end_ts) for each in items if _item_makes_busy(each, policy)]
    calendar = town.world.calendars[calendar_id]
    theirs = {key: calendar.events[key] for key in calendar.events if not people.is_ours(calendar_id, key)}
    numbers = {key: number for key, number in calendar.changes.numbers.items() if key in theirs}
    without_ours = replace(calendar, events=theirs, changes=ChangeLog(numbers))
    entries = expanded(town.world, without_ours, *window)
    return [(each.start_ts, each.end_ts) for each in entries if _makes_busy(each, policy)]


def check_busy_equals_full_listing(town: Town) -> None:
    """L6: a state that has read nothing yet, and lists once, shows the same rows."""
    path = Path(str(town.database.url.database)).with_name("second.db")
    with (
        closing(sqlite3.connect(str(town.database.url.database))) as now,
        closing(sqlite3.connect(path)) as copy,
    ):
        now.backup(copy)
    database = Database(f"sqlite:///{path}")
    first, town.database = town.database, database
    try:
        process = town.new_process()
        for account in town.active():
            with database.write() as connection:
                calendars.clear_calendars(connection, account.id)
        _list_everything(town, process)
        for agent_id in town.emails:
            fresh = calendars.read_slots(database, agent_id)
            published = read_busy(town.site.engine, PREFIX, agent_id)
            assert published == fresh, f"busy time of agent {agent_id} is not that of a full listing"
    finally:
        town.database = first
        database.dispose()
        path.unlink()


def true_span(row: dict[str, Any]) -> TimeRange:
    """A booking's time, worked out here once more (latepoint.md §2.3)."""
    day, first, last = date.fromisoformat(row["start_date"]), row["start_time"], row["end_time"]
    last += 1440 if last < first else 0  # past midnight
    start, end = _instant(day, first), _instant(day, last)
    return TimeRange(start, end if end > start else start + timedelta(minutes=last - first))


def _instant(day: date, minute: int) -> datetime:
    days, rest = divmod(minute, 1440)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), BERLIN.tzinfo)
    return wall.astimezone(UTC)


def _standing(town: Town, people: People) -> dict[int, list[tuple[str, Standing]]]:
    """Our living events by booking, as a person counts them: by their markers.

    What agents take out of the bin of a calendar that is not listed any more is out of our sight; and so is
    what an agent left behind in a calendar that is listed for another one.
    """
    found: dict[int, list[tuple[str, Standing]]] = defaultdict(list)
    listed = {row.calendar_id for agent_id in town.emails for row in town.calendars_of(agent_id)}
    for calendar_id in sorted(listed):
        for event in people.events(calendar_id, ours=True):
            made_for = town.made_for(event)
            assert made_for is not None
            if _was_left_behind(town, calendar_id, made_for[1]):
                continue
            found[made_for[0]].append((calendar_id, event))
    return found


def _was_left_behind(town: Town, calendar_id: str, agent_id: int) -> bool:
    if town.outlook is None:
        return False
    provider = "microsoft" if town.outlook.has(calendar_id) else "google"
    return accounts.active_account(town.database, town.site_id, agent_id, provider) is None


def _is_wanted(town: Town, row: dict[str, Any]) -> bool:
    return bool(row["status"] == "approved" and row["agent_id"] in town.emails)


def _together(town: Town, rows: dict[int, dict[str, Any]]) -> dict[int, tuple[int, ...]]:
    """By booking, all that share its event, if the owner wants that; those are of one time and service."""
    choices = read_event_choices(town.database, town.site_id)
    slots: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for booking_id, row in sorted(rows.items()):
        is_folded = choices.of_service(row["service_id"]).group is Grouping.TOGETHER
        span = true_span(row)
        if is_folded and _is_wanted(town, row) and span.end > town.window.start:
            slots[row["agent_id"], row["service_id"], row["location_id"], span].append(booking_id)
    return {booking_id: tuple(members) for members in slots.values() for booking_id in members}


def _left_out(town: Town, agent_id: int) -> set[int]:
    rows = [row for row in town.active() if row.agent_id == agent_id] or [town.account(agent_id)]
    known = [mapping for row in rows for mapping in read_mappings(town.database, row.id)]
    return {mapping.booking_id for mapping in known if mapping.state is MappingState.LEFT_OUT}


def _is_kept(town: Town, standing: dict[int, list[tuple[str, Standing]]], members: tuple[int, ...]) -> bool:
    """Whether an event stands as it is because a person rejected what was planned for it."""
    return any(event.id in town.notes.kept for member in members for _, event in standing[member])


def _makes_busy(event: Event, policy: BlockingPolicy) -> bool:
    """As the agent's switches say, worked out here once more."""
    own = [each for each in event.resource.get("attendees", ()) if each.get("self")]
    answers = {each.get("responseStatus") for each in own}
    is_free = event.resource.get("transparency") == "transparent"
    is_all_day = bool(event.resource["start"].get("date"))
    if "declined" in answers or (is_all_day and policy.all_day is AllDay.NEVER):
        return False
    if "needsAction" in answers and not policy.unanswered_blocks:
        return False
    if event.resource.get("status") == "tentative" and not policy.tentative_blocks:
        return False
    return not is_free or policy.free_blocks or (is_all_day and policy.all_day is AllDay.ALWAYS)


def _item_makes_busy(item: Item, policy: BlockingPolicy) -> bool:
    """The same for what Outlook shows."""
    shown_as = item.resource.get("showAs", "busy")
    answer = item.resource.get("responseStatus", {}).get("response")
    is_all_day = bool(item.resource.get("isAllDay"))
    switches = {
        "tentative": policy.tentative_blocks,
        "oof": policy.out_of_office_blocks,
        "workingElsewhere": policy.working_elsewhere_blocks,
        "free": policy.free_blocks or (is_all_day and policy.all_day is AllDay.ALWAYS),
    }
    if answer == "declined" or (is_all_day and policy.all_day is AllDay.NEVER):
        return False
    if answer == "notResponded" and not policy.unanswered_blocks:
        return False
    return not item.resource.get("isCancelled") and switches.get(shown_as, True)


def _check_place(town: Town, placed: tuple[str, Standing], row: dict[str, Any], span: TimeRange) -> None:
    calendar_id, event = placed
    assert calendar_id == town.targets()[row["agent_id"]], (
        f"booking {row['id']} stands in another agent's calendar"
    )
    _check_times(event, row, span)
    is_free = event.is_free if isinstance(event, OutlookEvent) else _is_transparent(event)
    assert not is_free, f"booking {row['id']} does not make its agent busy"


def _check_times(event: Standing, row: dict[str, Any], span: TimeRange) -> None:
    assert (event.start_ts, event.end_ts) == (span.start.timestamp(), span.end.timestamp()), (
        f"booking {row['id']} stands at a wrong time"
    )


def _is_transparent(event: Event) -> bool:
    return bool(event.resource.get("transparency") == "transparent")


def _list_everything(town: Town, process: Process) -> None:
    database, now = process.database, town.clock()
    fingerprints.pull_forward(database, town.site_id, None, now, outbound=False, inbound=True)
    for claim in leases.claim_due(
        database, process.owner, now, lease=LEASE, limit=2 * len(town.emails), site_id=town.site_id
    ):
        provider = process.parts.connect(claim)
        rows = calendars.read_calendars(database, claim.account.id)
        sync_inbound(process.parts, claim.account, rows, provider, process.brake, InboundResult())


def _merged(spans: list[Span], window: Span) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted((max(start, window[0]), min(end, window[1])) for start, end in spans):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _difference(held: list[Span], expected: list[Span]) -> str:
    def told(spans: set[Span]) -> list[str]:
        return [
            f"{datetime.fromtimestamp(a, UTC)} to {datetime.fromtimestamp(b, UTC)}" for a, b in sorted(spans)
        ]

    return f"too much: {told(set(held) - set(expected))}; missing: {told(set(expected) - set(held))}"
