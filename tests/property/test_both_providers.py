"""Towns with Google and Outlook side by side: what the state machine found, and what it has to play."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from latesync.latepoint.busy import read_busy
from tests.property.machine.happenings import HOMES, Life
from tests.property.machine.laws import check_laws
from tests.property.machine.people import People
from tests.property.machine.stand import PREFIX, Stand
from tests.property.machine.town import ANNA, BEN, EMAILS, Town, opened_town

WITH_OUTLOOK = {ANNA: "microsoft", BEN: "microsoft"}

ENDS: dict[str, Callable[[Life], None]] = {
    "stands": lambda life: None,
    "is cancelled": lambda life: life.set_status(0, "cancelled"),
    "is another agent's": lambda life: life.give_to(0, BEN),
    "is removed": lambda life: life.remove_row(0),
}


def settle_and_check(town: Town, people: People) -> None:
    town.settle()
    check_laws(town, people)


@pytest.mark.parametrize("homes", HOMES)
def test_the_laws_hold_while_an_agent_changes_the_provider(stand: Stand, homes: dict[int, str]) -> None:
    with opened_town(stand, homes=homes) as town:
        people = People(town)
        life = Life(town, people)
        life.begin()
        settle_and_check(town, people)
        life.join_other(ANNA, writes=True)
        settle_and_check(town, people)
        life.disconnect(ANNA, town.homes[ANNA])
        settle_and_check(town, people)


@pytest.mark.parametrize("end", ENDS)
def test_an_agents_copy_of_our_event_goes_on_blocking_whatever_becomes_of_the_booking(
    stand: Stand, end: str
) -> None:
    """Law L6: in Outlook a copy may carry our marks, and one that was let go blocked no more when all was
    listed anew."""
    with opened_town(stand, homes=WITH_OUTLOOK) as town:
        people = People(town)
        life = Life(town, people)
        life.book(ANNA, 2, 540)
        town.settle()
        life.touch_ours(EMAILS[ANNA], 0, "copy", 0)
        town.settle()
        ENDS[end](life)
        settle_and_check(town, people)
        assert len(read_busy(town.site.engine, PREFIX, ANNA)) == 1


def test_a_batch_that_broke_off_half_way_is_finished_without_a_double(stand: Stand) -> None:
    """Law L2, with a process that is killed after some of twenty were written (microsoft-graph.md L4)."""
    with opened_town(stand, agents=[ANNA], homes=WITH_OUTLOOK) as town:
        people = People(town)
        life = Life(town, people)
        town.settle()
        life.book_many(ANNA)
        fuse = town.process.fuse
        fuse.light("half together", 0, fuse.crash, is_before=False)
        town.work()
        assert fuse.burnt_at == "after half together"
        assert len(people.events(town.targets()[ANNA], ours=True)) == 2
        settle_and_check(town, people)
        assert len(people.events(town.targets()[ANNA], ours=True)) == 5


def test_a_batch_whose_answer_is_lost_is_not_written_twice(stand: Stand) -> None:
    """Law L2."""
    with opened_town(stand, agents=[ANNA], homes=WITH_OUTLOOK) as town:
        people = People(town)
        life = Life(town, people)
        town.settle()
        life.book_many(ANNA)
        life.break_outlook({"kind": "lost_answer", "path": "batch$"}, after=0, times=2)
        town.work()
        settle_and_check(town, people)
        assert len(people.events(town.targets()[ANNA], ours=True)) == 5


def test_a_booking_that_waits_in_the_old_account_stands_at_its_own_time(stand: Stand) -> None:
    """Moved beyond what is written yet while its agent changed the provider, it kept its old time there."""
    with opened_town(stand, agents=[ANNA], homes={}) as town:
        people = People(town)
        life = Life(town, people)
        life.book(ANNA, 2, 540)
        town.settle()
        life.join_other(ANNA, writes=True)
        life.retime(0, 400, 600)
        settle_and_check(town, people)
        (event,) = people.events(EMAILS[ANNA], ours=True)
        assert event.start_ts > town.window.end.timestamp()
