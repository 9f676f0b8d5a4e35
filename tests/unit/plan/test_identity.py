"""Which site this is, and whether another LateSync works for it: decided from what is seen and remembered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latesync.bridge.addresses import is_same_site
from latesync.plan.identity import TURN_EVERY, WATCH_FOR, HomeVerdict, TurnStep, Watch, judge_home, judge_turn

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
HOME = "https://salon.example"


def test_the_first_address_is_remembered_without_a_question() -> None:
    assert judge_home(None, HOME, is_same_site) is HomeVerdict.NEW


@pytest.mark.parametrize("seen", [HOME, "http://salon.example", "https://www.salon.example", f"{HOME}/"])
def test_what_does_not_tell_two_sites_apart_is_no_other_site(seen: str) -> None:
    assert judge_home(HOME, seen, is_same_site) is HomeVerdict.SAME


@pytest.mark.parametrize(
    "seen", ["https://staging.salon.example", f"{HOME}/staging", f"{HOME}:8443", "https://salon.example.org"]
)
def test_a_copy_has_another_address(seen: str) -> None:
    """odoo-calendar-sync.md PR 127729: a copied (test) database edits real calendars."""
    assert judge_home(HOME, seen, is_same_site) is HomeVerdict.OTHER


def test_on_ones_own_machine_the_port_tells_nothing() -> None:
    assert judge_home("http://localhost:8081", "http://localhost:9000", is_same_site) is HomeVerdict.SAME


def test_a_site_that_names_no_address_is_no_reason_to_stop() -> None:
    assert judge_home(HOME, "", is_same_site) is HomeVerdict.UNKNOWN
    assert judge_home(None, "", is_same_site) is HomeVerdict.UNKNOWN


def test_where_nobody_took_a_turn_the_first_one_is_taken() -> None:
    assert judge_turn(None, None, None, None, NOW) == (TurnStep.TAKE, None)


def test_a_turn_that_has_arrived_is_followed_by_the_next() -> None:
    assert judge_turn("b", "a", "b", None, NOW) == (TurnStep.TAKE, None)


def test_a_turn_whose_writer_died_before_the_site_had_it_is_finished() -> None:
    assert judge_turn("a", "a", "b", None, NOW) == (TurnStep.FINISH, None)


def test_somebody_elses_turn_is_watched_before_anything_is_done() -> None:
    assert judge_turn("x", "a", "b", None, NOW) == (TurnStep.WATCH, Watch("x", NOW))


def test_a_turn_that_moves_belongs_to_another_latesync_that_lives() -> None:
    watch = Watch("x", NOW)
    assert judge_turn("y", "a", "b", watch, NOW + TURN_EVERY) == (TurnStep.STOP, None)


def test_a_turn_that_does_not_move_is_the_restored_states_own_past() -> None:
    watch = Watch("x", NOW)
    almost = NOW + WATCH_FOR - timedelta(seconds=1)
    assert judge_turn("x", "a", "b", watch, almost) == (TurnStep.WATCH, watch)
    assert judge_turn("x", "a", "b", watch, NOW + WATCH_FOR) == (TurnStep.ADOPT, None)


def test_after_two_turns_of_the_other_one_it_is_known_to_live() -> None:
    assert WATCH_FOR >= 2 * TURN_EVERY


def test_a_clock_that_was_set_back_begins_the_watch_anew() -> None:
    earlier = NOW - timedelta(hours=1)
    assert judge_turn("x", "a", "b", Watch("x", NOW), earlier) == (TurnStep.WATCH, Watch("x", earlier))


turns = st.sampled_from([None, "a", "b", "x", "y"])


@given(turns, turns, turns, st.sampled_from([None, Watch("x", NOW), Watch("y", NOW)]))
def test_nobody_is_stopped_by_a_turn_of_their_own_or_none(
    seen: str | None, last: str | None, coming: str | None, watch: Watch | None
) -> None:
    step, _ = judge_turn(seen, last, coming, watch, NOW)
    if seen is None or seen in (last, coming):
        assert step in (TurnStep.TAKE, TurnStep.FINISH)
    else:
        assert step in (TurnStep.WATCH, TurnStep.STOP)
