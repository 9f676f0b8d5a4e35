"""A time somebody types, on days when clocks are changed as well (users-ask.md U19)."""

from __future__ import annotations

import pytest

from latesync.times import parse_moment
from tests.builders.plan import BERLIN, utc


@pytest.mark.parametrize("text", ["2026-11-24T10:00", "2026-11-24 10:00", " 2026-11-24T10:00:59 "])
def test_time_without_a_zone_is_the_sites(text: str) -> None:
    assert parse_moment(text, BERLIN).instants == (utc("2026-11-24 09:00"),)


def test_time_with_an_offset_is_that_instant() -> None:
    asked = parse_moment("2026-11-24T10:00+05:00", BERLIN)
    assert asked.instants == (utc("2026-11-24 05:00"),)
    assert f"{asked.wall:%H:%M}" == "06:00"


def test_time_that_comes_twice_is_both_instants() -> None:
    asked = parse_moment("2026-10-25T02:30", BERLIN)
    assert asked.is_doubled
    assert asked.instants == (utc("2026-10-25 00:30"), utc("2026-10-25 01:30"))


def test_time_that_is_skipped_says_so_and_counts_on_as_latepoint_does() -> None:
    asked = parse_moment("2026-03-29T02:30", BERLIN)
    assert asked.is_skipped
    assert asked.instants == (utc("2026-03-29 01:30"),)


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-11-24", "2026-13-01T10:00", "0001-01-01T00:00", "9999-12-31T23:59-12:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_moment(text, BERLIN)
