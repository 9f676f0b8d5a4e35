"""Guests and meetings: what every provider must do that can write to an event with guests and mail nobody.

One that cannot says so (`can_invite_silently`), is given none by plan/invitations.py, and skips the rest.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from latesync.errors import EventChanged, EventExists, GuestsRefused
from latesync.model import Event, MeetingState
from latesync.providers.base import CalendarProvider
from tests.contract.stage import Stage, a_content

ADA, EVE = "ada@example.net", "eve@example.net"
GUEST = "guest@example.org"  # the agent's own (Stage.person_decorates)


@pytest.fixture
def silent(stage: Stage) -> CalendarProvider:
    calendar = stage.provider()
    if not calendar.can_invite_silently:
        pytest.skip("runs for a provider that can invite silently; this one mails guests with every write")
    return calendar


def with_guest(stage: Stage, calendar: CalendarProvider, *, notify: bool = False) -> Event:
    content = replace(a_content(), guests=(ADA,))
    return calendar.create_event(stage.calendar_id, stage.an_id(), content, notify=notify)


class GuestsContract:
    """Who is on an event, and who is told."""

    def test_a_guest_is_told_of_the_event_only_when_that_is_asked_for(
        self, stage: Stage, silent: CalendarProvider
    ) -> None:
        with_guest(stage, silent)
        assert (stage.guests(stage.an_id()), stage.mailed()) == ([ADA], [])
        content = replace(a_content(), guests=(EVE,))
        silent.create_event(stage.calendar_id, stage.an_id(2), content, notify=True)
        assert (stage.guests(stage.an_id(2)), stage.mailed()) == ([EVE], [EVE])

    def test_a_guest_is_told_of_a_change_only_when_that_is_asked_for(
        self, stage: Stage, silent: CalendarProvider
    ) -> None:
        etag = with_guest(stage, silent).etag
        etag = silent.update_event(stage.calendar_id, stage.an_id(), a_content("Perm"), etag=etag).etag
        assert stage.mailed() == []
        silent.update_event(stage.calendar_id, stage.an_id(), a_content("Dye"), etag=etag, notify=True)
        assert stage.mailed() == [ADA]
        assert stage.guests(stage.an_id()) == [ADA]

    def test_a_guest_is_told_of_the_end_only_when_that_is_asked_for(
        self, stage: Stage, silent: CalendarProvider
    ) -> None:
        with_guest(stage, silent)
        silent.delete_event(stage.calendar_id, stage.an_id())
        assert stage.mailed() == []
        content = replace(a_content(), guests=(EVE,))
        silent.create_event(stage.calendar_id, stage.an_id(2), content)
        silent.delete_event(stage.calendar_id, stage.an_id(2), notify=True)
        assert stage.mailed() == [EVE]

    def test_a_guest_is_added_beside_the_agents_own_whose_answers_stay(
        self, stage: Stage, silent: CalendarProvider
    ) -> None:
        silent.create_event(stage.calendar_id, stage.an_id(), a_content())
        stage.person_decorates(stage.an_id())
        stage.guest_answers(stage.an_id(), GUEST, "declined")
        theirs = stage.decorations(stage.an_id())
        etag = silent.get_event(stage.calendar_id, stage.an_id()).etag
        content = replace(a_content(), guests=(ADA,))
        silent.update_event(stage.calendar_id, stage.an_id(), content, etag=etag)
        assert sorted(stage.guests(stage.an_id())) == [ADA, GUEST]
        assert stage.answer_of(stage.an_id(), GUEST) == "declined"
        etag = silent.get_event(stage.calendar_id, stage.an_id()).etag
        silent.update_event(
            stage.calendar_id, stage.an_id(), a_content(), etag=etag, takes_off=lambda address: address == ADA
        )
        assert stage.decorations(stage.an_id()) == theirs
        assert stage.mailed() == []

    def test_only_the_guest_who_is_named_is_taken_off_and_another_put_in_their_place(
        self, stage: Stage, silent: CalendarProvider
    ) -> None:
        with_guest(stage, silent)
        stage.person_invites(stage.an_id(), GUEST)
        etag = silent.get_event(stage.calendar_id, stage.an_id()).etag
        content = replace(a_content(), guests=(EVE,))
        silent.update_event(
            stage.calendar_id,
            stage.an_id(),
            content,
            etag=etag,
            notify=True,
            takes_off=lambda address: address == ADA,
        )
        assert sorted(stage.guests(stage.an_id())) == [EVE, GUEST]
        assert {ADA, EVE} <= set(stage.mailed())

    def test_a_guest_who_is_there_already_is_not_added_twice(
        self, stage: Stage, silent: CalendarProvider
    ) -> None:
        created = with_guest(stage, silent)
        content = replace(a_content("Perm"), guests=(ADA.upper(),))
        silent.update_event(stage.calendar_id, stage.an_id(), content, etag=created.etag)
        assert stage.guests(stage.an_id()) == [ADA]

    def test_guests_of_a_later_version_are_not_overwritten(
        self, stage: Stage, silent: CalendarProvider
    ) -> None:
        created = with_guest(stage, silent)
        stage.person_invites(stage.an_id(), GUEST)
        content = replace(a_content(), guests=(EVE,))
        with pytest.raises(EventChanged):
            silent.update_event(stage.calendar_id, stage.an_id(), content, etag=created.etag, notify=True)
        assert sorted(stage.guests(stage.an_id())) == [ADA, GUEST]
        assert stage.mailed() == []

    def test_an_answer_of_a_guest_changes_none_of_our_fields(
        self, stage: Stage, silent: CalendarProvider
    ) -> None:
        created = with_guest(stage, silent)
        stage.guest_answers(stage.an_id(), ADA, "declined")
        now = silent.get_event(stage.calendar_id, stage.an_id())
        assert now.content == created.content
        assert not now.item.is_declined

    def test_too_many_invitations_end_those_only(self, stage: Stage, silent: CalendarProvider) -> None:
        stage.refuse_invitations()
        with pytest.raises(GuestsRefused):
            with_guest(stage, silent, notify=True)
        created = silent.create_event(stage.calendar_id, stage.an_id(), a_content())
        with pytest.raises(GuestsRefused):
            silent.update_event(
                stage.calendar_id, stage.an_id(), replace(a_content(), guests=(ADA,)), etag=created.etag
            )
        silent.update_event(stage.calendar_id, stage.an_id(), a_content("Perm"), etag=created.etag)
        assert (stage.guests(stage.an_id()), stage.mailed()) == ([], [])

    def test_a_repeated_create_mails_nobody_twice(self, stage: Stage, silent: CalendarProvider) -> None:
        with_guest(stage, silent, notify=True)
        with pytest.raises(EventExists):
            with_guest(stage, silent, notify=True)
        assert stage.mailed() == [ADA]


class MeetingsContract:
    """Links to meetings, which come after the answer."""

    def test_a_meeting_comes_after_the_event(self, stage: Stage) -> None:
        calendar = stage.provider()
        content = replace(a_content(), wants_meeting=True)
        created = calendar.create_event(stage.calendar_id, stage.an_id(), content)
        assert created.content == stage.as_shown(a_content())
        assert calendar.read_meeting(stage.calendar_id, stage.an_id()).state is MeetingState.PENDING
        stage.finish_meetings()
        ready = calendar.read_meeting(stage.calendar_id, stage.an_id())
        assert ready.state is MeetingState.READY
        assert ready.url.startswith("https://")
        assert stage.mailed() == []

    def test_an_event_that_stands_may_get_a_meeting_and_keeps_it(self, stage: Stage) -> None:
        calendar = stage.provider()
        etag = calendar.create_event(stage.calendar_id, stage.an_id(), a_content()).etag
        assert calendar.read_meeting(stage.calendar_id, stage.an_id()).state is MeetingState.NONE
        wanted = replace(a_content(), wants_meeting=True)
        calendar.update_event(stage.calendar_id, stage.an_id(), wanted, etag=etag)
        stage.finish_meetings()
        ready = calendar.read_meeting(stage.calendar_id, stage.an_id())
        now = calendar.get_event(stage.calendar_id, stage.an_id())
        # What a provider writes below our line to join a meeting is, to us, the agent's own.
        calendar.update_event(
            stage.calendar_id, stage.an_id(), a_content("Perm"), etag=now.etag, agent_notes=now.agent_notes
        )
        assert calendar.read_meeting(stage.calendar_id, stage.an_id()) == ready
        assert ready.state is MeetingState.READY

    def test_a_meeting_the_provider_cannot_make_has_failed(self, stage: Stage) -> None:
        calendar = stage.provider()
        stage.fail_meetings()
        calendar.create_event(stage.calendar_id, stage.an_id(), replace(a_content(), wants_meeting=True))
        stage.finish_meetings()
        assert calendar.read_meeting(stage.calendar_id, stage.an_id()).state is MeetingState.FAILED
