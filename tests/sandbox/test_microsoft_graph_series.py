"""Series and what replaces their occurrences: microsoft-graph.md D1, E5."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from latesync.sandbox.microsoft import outlook

from .graph_stage import MONDAYS, WINDOW, Graph, a_series, an_event, at, refusal


def starts(events: list[dict[str, Any]]) -> list[str]:
    return [event["start"]["dateTime"][:16] for event in events]


def test_a_view_expands_series_and_a_listing_does_not(graph: Graph) -> None:
    """D1, E5."""
    series = a_series(graph)
    seen, _ = graph.all_pages(f"me/calendarView?{WINDOW}&$top=2")
    assert starts(seen) == [f"2026-11-{day}T08:00" for day in ("02", "09", "16", "23")]
    assert {event["type"] for event in seen} == {"occurrence"}
    assert {event["seriesMasterId"] for event in seen} == {series["id"]}
    assert len({event["iCalUId"] for event in seen}) == 4  # E10
    listed, _ = graph.all_pages("me/events")
    assert [event["type"] for event in listed] == ["seriesMaster"]


def test_instances_are_those_of_one_series(graph: Graph) -> None:
    series = a_series(graph)
    graph.create()
    assert len(graph.get(f"me/events/{series['id']}/instances?{WINDOW}")["value"]) == 4
    alone = graph.create()
    assert graph.send("GET", f"me/events/{alone['id']}/instances?{WINDOW}").status_code == 400


def test_a_series_keeps_its_wall_clock_when_the_clocks_change(graph: Graph) -> None:
    span = {"type": "noEnd", "startDate": "2026-10-19"}
    early = {
        "start": at("2026-10-19T09:00:00", "Europe/Paris"),
        "end": at("2026-10-19T10:00:00", "Europe/Paris"),
    }
    outlook.add_series(graph.mailbox, an_event(**early), MONDAYS, span)
    seen = graph.get("me/calendarView?startDateTime=2026-10-18T00:00:00Z&endDateTime=2026-10-31T00:00:00Z")
    assert starts(seen["value"]) == ["2026-10-19T07:00", "2026-10-26T08:00"]


@pytest.mark.parametrize(
    ("pattern", "days"),
    [
        ({"type": "daily", "interval": 10}, ["02", "12", "22"]),
        ({"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "friday"]}, ["02", "06", "16", "20"]),
        ({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 20}, ["20"]),
        ({"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["tuesday"], "index": "last"}, ["24"]),
        ({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 11, "month": 11}, ["11"]),
        (
            {
                "type": "relativeYearly",
                "interval": 1,
                "daysOfWeek": ["monday"],
                "index": "second",
                "month": 11,
            },
            ["09"],
        ),
    ],
)
def test_every_pattern_has_its_days(graph: Graph, pattern: dict[str, Any], days: list[str]) -> None:
    a_series(graph, pattern)
    seen, _ = graph.all_pages(f"me/calendarView?{WINDOW}")
    assert [event["start"]["dateTime"][8:10] for event in seen] == days


def test_a_series_ends_where_its_range_says(graph: Graph) -> None:
    a_series(graph, span={"type": "numbered", "startDate": "2026-11-02", "numberOfOccurrences": 2})
    a_series(graph, span={"type": "endDate", "startDate": "2026-11-02", "endDate": "2026-11-09"})
    assert len(graph.get(f"me/calendarView?{WINDOW}")["value"]) == 4


def test_the_31st_is_the_last_day_of_a_shorter_month(graph: Graph) -> None:
    a_series(graph, {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31})
    seen = graph.get("me/calendarView?startDateTime=2026-11-01T00:00:00Z&endDateTime=2027-01-31T23:00:00Z")
    assert [event["start"]["dateTime"][:10] for event in seen["value"]] == [
        "2026-11-30",
        "2026-12-31",
        "2027-01-31",
    ]


def test_a_moved_occurrence_is_an_exception_under_the_same_id(graph: Graph) -> None:
    series = a_series(graph)
    plain = outlook.occurrence(graph.mailbox, series["id"], date(2026, 11, 9))
    start = datetime(2026, 11, 10, 14, tzinfo=UTC)
    outlook.move_occurrence(graph.mailbox, series["id"], date(2026, 11, 9), start, start + timedelta(hours=1))
    read = graph.get(f"me/events/{plain['id']}")
    assert (read["type"], read["start"]["dateTime"][:16]) == ("exception", "2026-11-10T14:00")
    assert read["originalStart"] == "2026-11-09T08:00:00Z"


def test_an_occurrence_does_not_cross_its_neighbours_day(graph: Graph) -> None:
    """§11."""
    series = a_series(graph)
    one = outlook.occurrence(graph.mailbox, series["id"], date(2026, 11, 9))
    moved = graph.patch(one["id"], start=at("2026-11-16T12:00:00"), end=at("2026-11-16T13:00:00"))
    assert refusal(moved) == (400, "ErrorOccurrenceCrossingBoundary")


def test_a_deleted_occurrence_is_gone_and_the_series_stays(graph: Graph) -> None:
    series = a_series(graph)
    one = outlook.occurrence(graph.mailbox, series["id"], date(2026, 11, 9))
    assert graph.send("DELETE", f"me/events/{one['id']}").status_code == 204
    assert graph.send("GET", f"me/events/{one['id']}").status_code == 404
    assert len(graph.get(f"me/calendarView?{WINDOW}")["value"]) == 3


def test_a_series_that_changes_its_times_starts_afresh(graph: Graph) -> None:
    """Its exceptions and cancelled occurrences are gone; a new title alone leaves them."""
    series = a_series(graph)
    start = datetime(2026, 11, 10, 14, tzinfo=UTC)
    moved = outlook.move_occurrence(graph.mailbox, series["id"], date(2026, 11, 9), start, start)
    outlook.cancel_occurrence(graph.mailbox, series["id"], date(2026, 11, 16))
    graph.patch(series["id"], subject="New")
    seen = graph.get(f"me/calendarView?{WINDOW}")["value"]
    assert [event["subject"] for event in seen if event["id"] == moved["id"]] == ["Massage"]
    assert len(seen) == 3
    graph.patch(series["id"], end=at("2026-11-02T10:30:00", "Europe/Paris"))
    assert starts(graph.get(f"me/calendarView?{WINDOW}")["value"])[1:3] == [
        "2026-11-09T08:00",
        "2026-11-16T08:00",
    ]
