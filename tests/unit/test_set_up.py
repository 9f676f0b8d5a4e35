"""How far the guided set-up is, and when it is spoken of."""

from __future__ import annotations

from latesync.sentences.set_up_sentences import STEPS, links_sent
from latesync.set_up import SetUp, Step


def test_set_up_goes_on_at_the_first_step_not_done() -> None:
    done = frozenset({Step.SITE, Step.CALENDARS, Step.CLIENT})
    assert SetUp(done, {"google"}).next_step is Step.PROJECT
    assert SetUp(frozenset(Step), {"google", "microsoft"}).next_step is None


def test_set_up_has_the_steps_of_the_providers_the_owner_chose() -> None:
    others = [Step.SITE, Step.CALENDARS, Step.MAIL, Step.AGENTS]
    assert [*SetUp(()).steps] == others
    assert set(SetUp((), {"microsoft"}).steps) == {*others, Step.MICROSOFT}
    assert set(SetUp((), {"google"}).steps) == {*others, Step.PROJECT, Step.CLIENT}
    assert SetUp((), {"google", "microsoft"}).steps == tuple(Step)


def test_one_client_is_enough_for_agents_to_sign_in() -> None:
    assert not SetUp({Step.SITE, Step.PROJECT}).has_client
    assert SetUp({Step.MICROSOFT}).has_client
    assert SetUp({Step.CLIENT}).has_client


def test_what_was_done_for_a_provider_that_is_not_wanted_does_not_count() -> None:
    state = SetUp({Step.SITE, Step.PROJECT, Step.CALENDARS}, {"microsoft"})
    assert state.done_steps == (Step.SITE, Step.CALENDARS)


def test_unfinished_set_up_leads_the_owner() -> None:
    assert SetUp(frozenset({Step.SITE})).leads


def test_set_up_that_runs_already_is_shown_and_leads_nobody() -> None:
    state = SetUp(frozenset(Step) - {Step.MAIL}, is_running=True)
    assert (state.is_open, state.leads) == (True, False)


def test_set_up_the_owner_finished_is_not_spoken_of() -> None:
    state = SetUp(frozenset({Step.SITE}), is_finished=True)
    assert (state.is_open, state.leads) == (False, False)


def test_every_step_has_a_name() -> None:
    assert set(STEPS) == {step.value for step in Step}


def test_names_read_as_a_sentence() -> None:
    assert links_sent(["Ben"]).startswith("On its way to Ben.")
    assert links_sent(["Ana", "Ben", "Dana"]).startswith("On its way to Ana, Ben and Dana.")
