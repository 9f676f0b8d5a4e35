"""The laws of design.md §9 over the real sync room, whatever people, crashes and outages do in between.

Google's and Microsoft's real clients speak over HTTP to the sandbox, and some agents have both; the store and
the booking site are real SQLite files. The clock stands still unless a rule moves it, and every interruption
happens at a counted step of a run, so that what Hypothesis finds can be run again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from latesync.options import Decision, DriftPolicy, SafetyLimits
from tests.property.machine.happenings import (
    HOMES,
    PAUSES,
    Happening,
    Life,
    at_a_provider,
    at_the_site,
    by_people,
    in_calendars,
    in_the_machine_room,
    moments,
    of_accounts,
    time_passing,
)
from tests.property.machine.laws import (
    check_comparison_finds_nothing,
    check_laws,
    check_only_people_wish,
)
from tests.property.machine.owner import OwnedLife, by_owner, everything_of_ours, owner_moments
from tests.property.machine.people import People
from tests.property.machine.stand import Stand
from tests.property.machine.town import NO_LIMITS, opened_town

# An ordinary day, the eves of both clock changes in Berlin, and half a minute before the site's midnight.
BEGINNINGS = [
    datetime(2026, 11, 20, 13, 5, tzinfo=UTC),
    datetime(2027, 3, 27, 20, 30, tzinfo=UTC),
    datetime(2026, 10, 24, 21, 58, tzinfo=UTC),
    datetime(2027, 6, 30, 21, 59, 30, tzinfo=UTC),
]
_steps = st.integers(0, 7)
# An example is a hundred runs or so. A thorough look (tests/property/conftest.py) takes new ones every time.
_IS_THOROUGH = os.environ.get("LATESYNC_TEST_PROFILE") == "thorough"
EXAMPLES = 400 if _IS_THOROUGH else 27
_SETTINGS = settings(
    stateful_step_count=30 if _IS_THOROUGH else 15,
    deadline=None,
    derandomize=not _IS_THOROUGH,
    suppress_health_check=list(HealthCheck),
)


class Machine(RuleBasedStateMachine):
    """Each rule lets something happen; `quiet` lets everything come to rest and asks the laws."""

    stand: Stand
    limits = NO_LIMITS

    @initialize(
        beginning=st.sampled_from(BEGINNINGS),
        page=st.sampled_from([2500, 2, 1]),
        sparse=st.booleans(),
        is_settled=st.booleans(),
        policy=st.sampled_from(DriftPolicy),
        homes=st.sampled_from(HOMES),
    )
    def begin(
        self,
        beginning: datetime,
        page: int,
        sparse: bool,
        is_settled: bool,
        policy: DriftPolicy,
        homes: dict[int, str],
    ) -> None:
        self._opened = opened_town(self.stand, beginning, limits=self.limits, homes=homes)
        self.town = self._opened.__enter__()
        self.town.bring_plugin()
        self.town.choose_policy(policy)
        self.town.world.set_switches(page_size_cap=page, empty_pages=sparse, quotas=True)
        assert self.town.outlook is not None
        self.town.outlook.world.set_switches(page_size_cap=page, delta_empty_pages=sparse)
        self.people = People(self.town)
        self.life = self._new_life()
        self.life.begin()
        if is_settled:
            self.town.work()

    def _new_life(self) -> Life:
        return Life(self.town, self.people)

    def _settle(self) -> None:
        self.town.settle()

    @rule(happenings=st.lists(by_people, min_size=1, max_size=3), pause=st.sampled_from(PAUSES[:2]))
    def live(self, happenings: list[Happening], pause: timedelta) -> None:
        self.life.happen(happenings)
        self._work(pause)

    @rule(happenings=st.lists(by_people, max_size=2), trouble=in_the_machine_room, rounds=st.integers(0, 2))
    def have_trouble(self, happenings: list[Happening], trouble: Happening, rounds: int) -> None:
        self.life.happen([*happenings, trouble])
        for _ in range(rounds):
            self._work(PAUSES[0])

    @rule(
        happenings=st.lists(by_people, min_size=1, max_size=4), fault=at_a_provider, rounds=st.integers(1, 3)
    )
    def be_failed_by_a_provider(self, happenings: list[Happening], fault: Happening, rounds: int) -> None:
        self.life.happen([*happenings, fault])
        for _ in range(rounds):
            self._work(PAUSES[0])

    @rule(
        moment=moments,
        happenings=st.lists(by_people, max_size=2),
        steps=_steps,
        is_before=st.booleans(),
        is_undone=st.booleans(),
    )
    def be_killed(
        self,
        moment: tuple[str, Happening],
        happenings: list[Happening],
        steps: int,
        is_before: bool,
        is_undone: bool,
    ) -> None:
        """is_undone: what changed last on the site is as before when the next process looks."""
        self._interrupt(moment, happenings, steps, is_before, self.town.process.fuse.crash)
        if is_undone:
            self.life.undo()

    @rule(
        moment=moments,
        happenings=st.lists(by_people, max_size=2),
        steps=_steps,
        is_before=st.booleans(),
        meanwhile=st.lists(by_people, max_size=2),
        stalls=st.booleans(),
    )
    def meet_another_crew(
        self,
        moment: tuple[str, Happening],
        happenings: list[Happening],
        steps: int,
        is_before: bool,
        meanwhile: list[Happening],
        stalls: bool,
    ) -> None:
        """Another crew works twice; people do something in between."""

        def act() -> None:
            self.life.work_elsewhere(stalls)
            self.life.happen(meanwhile)
            self.town.pass_time(PAUSES[0])
            self.life.work_elsewhere(stalls)

        self._interrupt(moment, happenings, steps, is_before, act)

    @rule(
        moment=moments,
        happenings=st.lists(by_people, max_size=2),
        steps=_steps,
        is_before=st.booleans(),
        disturbance=st.one_of(at_the_site, in_calendars, in_the_machine_room, time_passing),
    )
    def be_disturbed(
        self,
        moment: tuple[str, Happening],
        happenings: list[Happening],
        steps: int,
        is_before: bool,
        disturbance: Happening,
    ) -> None:
        self._interrupt(moment, happenings, steps, is_before, lambda: self.life.happen([disturbance]))

    @rule(
        mind=st.lists(of_accounts, min_size=1, max_size=2),
        happenings=st.lists(by_people, max_size=2),
        rounds=st.integers(0, 3),
    )
    def change_accounts(self, mind: list[Happening], happenings: list[Happening], rounds: int) -> None:
        self.life.happen([*mind, *happenings])
        for _ in range(rounds):
            self._work(PAUSES[0])

    @rule(pause=st.sampled_from(PAUSES), happenings=st.lists(by_people, max_size=2))
    def let_time_pass(self, pause: timedelta, happenings: list[Happening]) -> None:
        self.town.pass_time(pause)
        self.life.happen(happenings)

    @rule()
    def quiet(self) -> None:
        self.life.mend_plugin()
        self._settle()
        check_laws(self.town, self.people)
        check_only_people_wish(self.town, self.people)

    def teardown(self) -> None:
        if not hasattr(self, "town"):
            return
        try:
            self.quiet()
        finally:
            self._opened.__exit__(None, None, None)

    def _interrupt(
        self,
        moment: tuple[str, Happening],
        happenings: list[Happening],
        steps: int,
        is_before: bool,
        act: Callable[[], None],
    ) -> None:
        """At a step of a run that has work to do: of its writes the chosen one, else the first or second."""
        kind, cause = moment
        self.life.happen([*happenings, cause])
        steps = steps if kind == "store write" else steps // 4
        self.town.process.fuse.light(kind, steps, act, is_before=is_before)
        self._work(PAUSES[0])

    def _work(self, pause: timedelta) -> None:
        self.town.pass_time(pause)
        self.town.work()


class OwnersMachine(Machine):
    """Beside all that: what people decide on LateSync's pages, older states, and clocks that are set back."""

    life: OwnedLife
    limits = SafetyLimits(0.2, 2)  # so that what people do is often too much

    def _new_life(self) -> Life:
        return OwnedLife(self.town, self.people)

    def _settle(self) -> None:
        self.life.settle()

    @rule(
        people=st.lists(by_people, max_size=2),
        owner=st.lists(by_owner, min_size=1, max_size=3),
        rounds=st.integers(0, 2),
    )
    def decide(self, people: list[Happening], owner: list[Happening], rounds: int) -> None:
        self.life.happen([*people, *owner])
        for _ in range(rounds):
            self._work(PAUSES[0])

    @rule(
        moment=owner_moments,
        happenings=st.lists(by_people, max_size=2),
        steps=_steps,
        is_before=st.booleans(),
    )
    def be_killed_at_it(
        self, moment: tuple[str, Happening], happenings: list[Happening], steps: int, is_before: bool
    ) -> None:
        self._interrupt(moment, happenings, steps, is_before, self.town.process.fuse.crash)

    @rule(
        moment=st.one_of(moments, owner_moments),
        happenings=st.lists(by_people, max_size=2),
        steps=_steps,
        is_before=st.booleans(),
        meanwhile=by_owner,
    )
    def decide_in_between(
        self,
        moment: tuple[str, Happening],
        happenings: list[Happening],
        steps: int,
        is_before: bool,
        meanwhile: Happening,
    ) -> None:
        self._interrupt(moment, happenings, steps, is_before, lambda: self.life.happen([meanwhile]))

    @rule()
    def save_state(self) -> None:
        self.life.save_state()

    @rule(happenings=st.lists(by_people, max_size=2))
    def restore_state(self, happenings: list[Happening]) -> None:
        self.life.happen(happenings)
        self.life.restore_state()
        self._work(PAUSES[0])

    @rule()
    def be_upgraded(self) -> None:
        """Every row is touched and nothing changed: no event is written (users-ask.md U37)."""
        self.life.mend_plugin()
        self._settle()
        before = everything_of_ours(self.life)
        self.life.rewrite_rows()
        for _ in range(3):
            self._work(PAUSES[0])
        after = everything_of_ours(self.life)
        assert {key: after.get(key) for key in before} == before, "an upgrade rewrote events"

    @rule(answer=st.sampled_from([Decision.RELEASED, Decision.REJECTED]))
    def quiet_and_compared(self, answer: Decision) -> None:
        self.life.answer = answer
        self.quiet()
        check_comparison_finds_nothing(self.town)


def test_the_laws_hold_whatever_happens_in_between(stand: Stand) -> None:
    _run_on(stand, Machine, EXAMPLES)


def test_the_laws_hold_whatever_owners_decide(stand: Stand) -> None:
    """users-ask.md U28, U30, U37, U38: resets, safety stops, restores, upgrades: nothing doubled or lost."""
    _run_on(stand, OwnersMachine, EXAMPLES // 3)


def _run_on(stand: Stand, machine: type[Machine], examples: int) -> None:
    on_stand = type("OnStand", (machine,), {"stand": stand})
    run_state_machine_as_test(on_stand, settings=settings(_SETTINGS, max_examples=examples))
