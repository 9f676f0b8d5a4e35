"""Graph's times: zones by both names, seven digits, shifted days (microsoft-graph.md E1, E2)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from latesync.providers.microsoft.moments import read_instant, read_moments
from latesync.providers.microsoft.zones import zone_by_any_name
from latesync.times import Zone

NINE = datetime(2027, 7, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2027-07-01T09:00:00.0000000", "UTC"),
        ("2027-07-01T09:00:00", "tzone://Microsoft/Utc"),
        ("2027-07-01T11:00:00.0000000", "W. Europe Standard Time"),
        ("2027-07-01T11:00:00", "Europe/Berlin"),
        ("2027-07-01T18:00:00", "tokyo standard time"),
        ("2027-07-01T02:00:00", "Pacific Standard Time"),
        ("2027-07-01T09:00:00", None),
        ("2027-07-01T09:00:00Z", "W. Europe Standard Time"),
        ("2027-07-01T11:00:00+02:00", "Nowhere Standard Time"),
    ],
)
def test_a_time_is_read_in_whatever_zone_it_comes(text: str, zone: str | None) -> None:
    assert read_instant({"dateTime": text, "timeZone": zone}) == NINE


@pytest.mark.parametrize(
    "raw",
    [
        None,
        5,
        "",
        "2027-07-01T09:00:00",
        {},
        {"dateTime": 5},
        {"dateTime": "2027-07-01T09:00:00", "timeZone": "Nowhere Standard Time"},
        {"dateTime": "2027-07-01T09:00:00", "timeZone": 5},
        {"dateTime": "9999-12-31T23:00:00", "timeZone": "Pacific Standard Time"},
    ],
)
def test_what_is_no_time_is_none(raw: object) -> None:
    assert read_instant(raw) is None


def test_zones_have_two_names() -> None:
    assert zone_by_any_name("W. Europe Standard Time") == Zone("Europe/Berlin")
    assert zone_by_any_name("Europe/Vienna") == Zone("Europe/Vienna")
    assert zone_by_any_name("UTC") == Zone("UTC")
    assert zone_by_any_name("Customized Time Zone") is None
    assert zone_by_any_name(None) is None


def all_day(start: str, end: str, zone: str | None) -> dict[str, Any]:
    return {
        "isAllDay": True,
        "originalStartTimeZone": zone,
        "start": {"dateTime": start, "timeZone": "UTC"},
        "end": {"dateTime": end, "timeZone": "UTC"},
    }


@pytest.mark.parametrize(
    ("start", "end", "zone"),
    [
        ("2027-06-30T22:00:00", "2027-07-01T22:00:00", "W. Europe Standard Time"),
        ("2027-06-30T22:00:00", "2027-07-01T22:00:00", "Europe/Berlin"),
        ("2027-07-01T07:00:00", "2027-07-02T07:00:00", "Pacific Standard Time"),
        ("2027-06-30T15:00:00", "2027-07-01T15:00:00", "Tokyo Standard Time"),
        ("2027-07-01T00:00:00", "2027-07-02T00:00:00", "W. Europe Standard Time"),
        ("2027-07-01T00:00:00", "2027-07-02T00:00:00", "Customized Time Zone"),
        ("2027-07-01T00:00:00", "2027-07-02T00:00:00", None),
    ],
)
def test_shifted_or_not_the_day_is_the_one_that_was_meant(start: str, end: str, zone: str | None) -> None:
    assert read_moments(all_day(start, end, zone)) == (date(2027, 7, 1), date(2027, 7, 2))


def test_an_all_day_event_that_begins_at_no_midnight_keeps_its_span() -> None:
    found = read_moments(all_day("2027-06-30T19:00:00", "2027-07-01T19:00:00", "Europe/Berlin"))
    assert found == (datetime(2027, 6, 30, 19, tzinfo=UTC), datetime(2027, 7, 1, 19, tzinfo=UTC))


def test_one_end_without_a_time_is_no_time() -> None:
    assert read_moments({"start": {"dateTime": "2027-07-01T09:00:00"}}) == (None, None)
