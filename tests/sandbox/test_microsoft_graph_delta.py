"""Windows, series and deltas: microsoft-graph.md §8."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from latesync.sandbox.microsoft import outlook

from .graph_stage import FOR_EVER, MONDAYS, WINDOW, Graph, a_series, at, refusal

SIZE_2 = 'IdType="ImmutableId", odata.maxpagesize=2'


def test_a_delta_ends_with_a_link_that_tells_only_what_changed(graph: Graph) -> None:
    """D2, E7."""
    one, two = graph.create(transactionId="t-1"), graph.create()
    found, link = graph.first_round()
    assert found.keys() == {one["id"], two["id"]}
    assert found[one["id"]]["transactionId"] == "t-1"
    assert graph.next_round(link)[0] == {}
    graph.patch(two["id"], subject="New")
    graph.send("DELETE", f"me/events/{one['id']}")
    changed, link = graph.next_round(link)
    assert changed[two["id"]]["subject"] == "New"
    assert changed[one["id"]]["@removed"] == {"reason": "deleted"}
    assert graph.next_round(link)[0] == {}


def test_a_deltas_window_never_moves_and_what_changes_outside_it_comes_as_removed(graph: Graph) -> None:
    """D3, D5."""
    inside = graph.create()
    _, link = graph.first_round()
    outside = graph.create(start=at("2026-12-24T10:00:00"), end=at("2026-12-24T11:00:00"))
    graph.patch(inside["id"], start=at("2027-01-05T10:00:00"), end=at("2027-01-05T11:00:00"))
    graph.world.advance(timedelta(days=40))
    changed, _ = graph.next_round(link)
    assert {event_id: "@removed" in entry for event_id, entry in changed.items()} == {
        inside["id"]: True,
        outside["id"]: True,
    }


def test_pages_of_a_delta_are_as_long_as_preferred_and_in_no_order(graph: Graph) -> None:
    """D4, D6."""
    made = [graph.create(subject=str(number))["id"] for number in range(9)]
    page = graph.get(f"me/calendarView/delta?{WINDOW}", Prefer=SIZE_2)
    assert len(page["value"]) == 2
    found, link = graph.all_pages(f"me/calendarView/delta?{WINDOW}", Prefer=SIZE_2)
    assert sorted(entry["id"] for entry in found) == sorted(made)
    assert [entry["id"] for entry in found] != made
    assert "$deltatoken=" in link
    graph.world.set_switches(delta_order="by_start")
    graph.patch(made[4], start=at("2026-11-01T10:00:00"))
    assert graph.get(f"me/calendarView/delta?{WINDOW}", Prefer=SIZE_2)["value"][0]["id"] == made[4]


def test_what_changes_during_a_round_is_told_in_it_or_in_the_next(graph: Graph) -> None:
    made = [graph.create()["id"] for _ in range(5)]
    page = graph.get(f"me/calendarView/delta?{WINDOW}", Prefer=SIZE_2)
    late = graph.create()["id"]
    graph.send("DELETE", f"me/events/{page['value'][0]['id']}")
    rest, link = graph.all_pages(page["@odata.nextLink"], Prefer=SIZE_2)
    known = {entry["id"] for entry in page["value"] + rest}
    changed, _ = graph.next_round(link)
    assert known | changed.keys() == {*made, late}
    assert "@removed" in changed[page["value"][0]["id"]]


def test_occurrences_in_a_delta_are_bare_and_come_with_their_series(graph: Graph) -> None:
    """microsoft-graph-docs issue 7632."""
    series = a_series(graph)
    found, _ = graph.first_round()
    kinds = [entry["type"] for entry in found.values()]
    assert sorted(kinds) == ["occurrence"] * 4 + ["seriesMaster"]
    bare = next(entry for entry in found.values() if entry["type"] == "occurrence")
    assert set(bare) == {"@odata.type", "@odata.etag", "id", "seriesMasterId", "type", "start", "end"}
    assert found[series["id"]]["subject"] == "Massage"
    graph.world.set_switches(delta_shows_masters=False)
    assert len(graph.first_round()[0]) == 4
    graph.world.set_switches(delta_occurrences="complete")
    assert {entry["subject"] for entry in graph.first_round()[0].values()} == {"Massage"}


def test_a_cancelled_occurrence_and_a_moved_one_are_told_alone(graph: Graph) -> None:
    series = a_series(graph)
    _, link = graph.first_round()
    gone = outlook.occurrence(graph.mailbox, series["id"], date(2026, 11, 9))["id"]
    outlook.cancel_occurrence(graph.mailbox, series["id"], date(2026, 11, 9))
    start = datetime(2026, 11, 17, 14, tzinfo=UTC)
    moved = outlook.move_occurrence(graph.mailbox, series["id"], date(2026, 11, 16), start, start)
    changed, _ = graph.next_round(link)
    assert changed.keys() == {gone, moved["id"]}
    assert "@removed" in changed[gone]
    assert changed[moved["id"]]["type"] == "exception"


def test_a_series_that_changes_its_days_tells_what_is_gone(graph: Graph) -> None:
    series = a_series(graph)
    first, link = graph.first_round()
    tuesdays = {"pattern": {**MONDAYS, "daysOfWeek": ["tuesday"]}, "range": FOR_EVER}
    graph.patch(series["id"], recurrence=tuesdays)
    changed, link = graph.next_round(link)
    removed = {event_id for event_id, entry in changed.items() if "@removed" in entry}
    assert removed == {event_id for event_id, entry in first.items() if entry["type"] == "occurrence"}
    outlook.delete_event(graph.mailbox, series["id"])
    ended, _ = graph.next_round(link)
    assert all("@removed" in entry for entry in ended.values())
    assert ended.keys() >= changed.keys()


def test_rounds_add_up_to_what_a_new_listing_shows(graph: Graph) -> None:
    """Whatever happened in between, exceptions and copies included."""
    series = a_series(graph)
    single = graph.create()
    work = outlook.make_calendar(graph.mailbox, "Work")["id"]
    known, link = graph.first_round()
    start = datetime(2026, 11, 11, 14, tzinfo=UTC)
    steps: list[Callable[[], object]] = [
        lambda: outlook.move_occurrence(graph.mailbox, series["id"], date(2026, 11, 9), start, start),
        lambda: outlook.cancel_occurrence(graph.mailbox, series["id"], date(2026, 11, 16)),
        lambda: outlook.copy_event(graph.mailbox, series["id"]),
        lambda: outlook.move_event_to_calendar(graph.mailbox, single["id"], work),
        lambda: outlook.patch_event(graph.mailbox, series["id"], {"subject": "Weekly"}),
        lambda: outlook.patch_event(graph.mailbox, series["id"], {"end": at("2026-11-02T10:30:00")}),
        lambda: outlook.move_event_to_calendar(graph.mailbox, single["id"], graph.main),
    ]
    for step in steps:
        step()
        changed, link = graph.next_round(link)
        known |= changed
        known = {event_id: entry for event_id, entry in known.items() if "@removed" not in entry}
        fresh, _ = graph.first_round()
        times = [{event_id: entry["start"] for event_id, entry in some.items()} for some in (known, fresh)]
        assert times[0] == times[1]


def test_duplicates_and_empty_pages_come_by_switch_and_the_last_counts(graph: Graph) -> None:
    """D6."""
    made = graph.create()
    graph.world.set_switches(delta_duplicates=True, delta_empty_pages=True)
    first = graph.get(f"me/calendarView/delta?{WINDOW}")
    assert (first["value"], "@odata.nextLink" in first) == ([], True)
    found, link = graph.all_pages(f"me/calendarView/delta?{WINDOW}")
    assert [entry["id"] for entry in found] == [made["id"]] * 2
    assert found[0]["start"] != found[1]["start"] == made["start"]
    assert graph.next_round(link)[0] == {}


def test_a_moved_event_is_removed_here_and_appears_there(graph: Graph) -> None:
    made = graph.create()
    work = outlook.make_calendar(graph.mailbox, "Work")["id"]
    _, here = graph.first_round()
    _, there = graph.next_round(f"me/calendars/{work}/calendarView/delta?{WINDOW}")
    outlook.move_event_to_calendar(graph.mailbox, made["id"], work)
    assert "@removed" in graph.next_round(here)[0][made["id"]]
    assert graph.next_round(there)[0][made["id"]]["subject"] == "Massage"


def test_without_the_header_a_delta_speaks_of_mutable_ids(graph: Graph) -> None:
    """E11: the links stay compatible."""
    made = graph.create()
    found, link = graph.first_round(Prefer="odata.maxpagesize=5")
    (mutable,) = found
    assert mutable != made["id"]
    graph.send("DELETE", f"me/events/{made['id']}")
    assert graph.get(link, Prefer="odata.maxpagesize=5")["value"][0]["id"] == mutable
    assert graph.get(link)["value"][0]["id"] == made["id"]


def test_delta_of_another_calendar_is_refused_by_switch(graph: Graph) -> None:
    """D8."""
    work = outlook.make_calendar(graph.mailbox, "Work")["id"]
    path = f"me/calendars/{work}/calendarView/delta?{WINDOW}"
    assert graph.send("GET", path).status_code == 200
    graph.world.set_switches(nonprimary_delta=False)
    assert graph.send("GET", path).status_code == 400
    assert graph.send("GET", f"me/calendars/{graph.main}/calendarView/delta?{WINDOW}").status_code == 200


@pytest.mark.parametrize(
    "more", ["$select=id", "$expand=x", "$filter=x", "$orderby=x", "$search=x", "$top=5"]
)
def test_delta_knows_none_of_the_usual_options(graph: Graph, more: str) -> None:
    """D4."""
    assert graph.send("GET", f"me/calendarView/delta?{WINDOW}&{more}").status_code == 400


@pytest.mark.parametrize(
    ("death", "status", "code"),
    [
        ("410", 410, "syncStateNotFound"),
        ("410_resync", 410, "resyncRequired"),
        ("400", 400, "syncStateNotFound"),
        ("400_resync", 400, "resyncRequired"),
        ("404", 404, "syncStateNotFound"),
    ],
)
def test_a_dead_token_is_refused_in_the_ways_seen(graph: Graph, death: str, status: int, code: str) -> None:
    """D7."""
    _, link = graph.first_round()
    graph.world.set_switches(delta_death=death)
    outlook.kill_delta_tokens(graph.mailbox)
    refused = graph.send("GET", link)
    assert refusal(refused) == (status, code)
    if status == 410:
        assert graph.send("GET", refused.headers["Location"]).status_code == 200


def test_a_dead_tokens_code_may_stand_inside(graph: Graph) -> None:
    """§11: walk innerError."""
    _, link = graph.first_round()
    graph.world.set_switches(delta_death="400_inner")
    outlook.kill_delta_tokens(graph.mailbox, graph.main)
    assert graph.send("GET", link).json()["error"]["innerError"]["code"] == "syncStateNotFound"


def test_a_token_lives_as_long_as_the_switch_says(graph: Graph) -> None:
    graph.world.set_switches(delta_token_life_s=3600)
    _, link = graph.first_round()
    graph.world.advance(timedelta(minutes=50))
    assert graph.send("GET", link).status_code == 200
    graph.world.advance(timedelta(minutes=20))
    assert graph.send("GET", link).status_code == 410


def test_a_token_that_was_tampered_with_or_belongs_elsewhere_is_refused(graph: Graph) -> None:
    _, link = graph.first_round()
    work = outlook.make_calendar(graph.mailbox, "Work")["id"]
    head, _, token = link.partition("$deltatoken=")
    wrong = [
        f"{head}$deltatoken=x{token}",
        link[:-1],  # its seal is broken, what it says is not
        f"{head}$skiptoken={token}",
        f"me/calendars/{work}/calendarView/delta?$deltatoken={token}",
        f"{link}&{WINDOW}",
    ]
    for address in wrong:
        assert refusal(graph.send("GET", address)) == (400, "ErrorInvalidRequest")
