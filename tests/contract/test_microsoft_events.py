"""What only Microsoft does with events: its own ids, duplicates, conflicts, bodies, meetings, batches."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from latesync.errors import (
    AuthorizationLost,
    CalendarLost,
    EventChanged,
    EventExists,
    EventNotFound,
    EventRefused,
    ProviderUnavailable,
    RateLimited,
)
from latesync.model import Event, MeetingState
from latesync.providers.base import GoneEvent, NewEvent
from latesync.sandbox.microsoft import outlook
from tests.contract.microsoft_stage import DANA, GRAPH, NOW, MicrosoftStage, microsoft_stage, span
from tests.contract.stage import STARTS_AT, a_content


@pytest.fixture
def stage() -> Iterator[MicrosoftStage]:
    with microsoft_stage() as ready:
        yield ready


def created(stage: MicrosoftStage, number: int = 1) -> Event:
    return stage.provider().create_event(stage.calendar_id, stage.an_id(number), a_content())


class TestIdentity:
    """microsoft-graph.md E7-E12."""

    @pytest.mark.parametrize("answer", ["400", "409", "400_with_id", "409_with_id"])
    def test_a_repeated_create_finds_the_first_event(self, stage: MicrosoftStage, answer: str) -> None:
        stage.world.set_switches(duplicate_answer=answer)
        first, calendar = created(stage), stage.provider()
        with pytest.raises(EventExists):
            calendar.create_event(stage.calendar_id, stage.an_id(), a_content("Other"))
        assert calendar.get_event(stage.calendar_id, stage.an_id()) == first

    @pytest.mark.parametrize("answer", ["existing", "existing_200"])
    def test_the_first_event_as_the_answer_is_taken_only_if_it_is_as_wanted(
        self, stage: MicrosoftStage, answer: str
    ) -> None:
        stage.world.set_switches(duplicate_answer=answer)
        first, calendar = created(stage), stage.provider()
        assert calendar.create_event(stage.calendar_id, stage.an_id(), a_content()) == first
        with pytest.raises(EventExists):
            calendar.create_event(stage.calendar_id, stage.an_id(), a_content("Other"))
        assert calendar.get_event(stage.calendar_id, stage.an_id()) == first

    def test_the_first_event_as_the_answer_does_not_do_when_it_was_cancelled(
        self, stage: MicrosoftStage
    ) -> None:
        stage.world.set_switches(duplicate_answer="existing")
        outlook.cancel_as_organizer(stage.mailbox, created(stage).item.event_id)
        calendar = stage.provider()
        with pytest.raises(EventExists):
            calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        with pytest.raises(EventNotFound):
            calendar.get_event(stage.calendar_id, stage.an_id())

    @pytest.mark.parametrize("answer", ["400", "409_with_id"])
    def test_a_duplicate_of_what_is_gone_leads_to_the_next_generation(
        self, stage: MicrosoftStage, answer: str
    ) -> None:
        stage.world.set_switches(duplicate_answer=answer)
        created(stage)
        stage.person_deletes(stage.an_id())
        calendar = stage.provider()
        with pytest.raises(EventExists):
            calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        with pytest.raises(EventNotFound):
            calendar.get_event(stage.calendar_id, stage.an_id())
        assert stage.pauses == [2.0]  # once more, after a pause: the index may lag

    def test_many_that_an_earlier_run_never_made_hold_up_a_run_once(self, stage: MicrosoftStage) -> None:
        """Each intent of a killed worker is looked for by its key; the index has had its time by then."""
        created(stage, 9)
        calendar = stage.provider()
        for number in range(1, 6):
            with pytest.raises(EventNotFound):
                calendar.get_event(stage.calendar_id, stage.an_id(number))
        assert stage.pauses == [2.0]

    def test_what_this_very_run_tried_to_make_is_given_time_of_its_own(self, stage: MicrosoftStage) -> None:
        calendar = stage.provider()
        with pytest.raises(EventNotFound):
            calendar.get_event(stage.calendar_id, stage.an_id(2))
        stage.lose_answers()
        with pytest.raises(ProviderUnavailable):
            calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        stage.recover()
        stage.person_deletes(stage.an_id())
        for _ in range(2):
            with pytest.raises(EventNotFound):
                calendar.get_event(stage.calendar_id, stage.an_id())
        assert stage.pauses == [2.0, 2.0]

    def test_a_person_s_copy_is_not_taken_for_the_event(self, stage: MicrosoftStage) -> None:
        """It carries our transaction id and our properties, and its id is another."""
        first = created(stage)
        copy = outlook.copy_event(stage.mailbox, first.item.event_id)
        calendar = stage.provider()
        assert calendar.get_event(stage.calendar_id, stage.an_id()) == first
        copied = calendar.get_event(stage.calendar_id, copy["id"])
        assert (copied.created_as, copied.marker) == (first.created_as, first.marker)
        assert copied.item.event_id != first.item.event_id

    def test_ids_that_differ_only_by_case_are_two_events(self, stage: MicrosoftStage) -> None:
        stage.world.set_switches(ids_differ_by_case=True)
        one, two = created(stage, 1), created(stage, 2)
        assert one.item.event_id != two.item.event_id
        assert one.item.event_id.lower() == two.item.event_id.lower()
        calendar = stage.provider()
        calendar.delete_event(stage.calendar_id, two.item.event_id)
        assert calendar.get_event(stage.calendar_id, one.item.event_id) == one

    def test_an_event_in_another_calendar_keeps_its_id_and_is_gone_from_its_own(
        self, stage: MicrosoftStage
    ) -> None:
        first, other = created(stage), stage.person_makes_a_calendar()
        outlook.move_event_to_calendar(stage.mailbox, first.item.event_id, other)
        calendar = stage.provider()
        assert calendar.get_event(other, first.item.event_id).item == first.item
        with pytest.raises(EventNotFound):
            calendar.get_event(stage.calendar_id, first.item.event_id)

    def test_everything_is_listed_a_series_once_with_its_mark(self, stage: MicrosoftStage) -> None:
        first = created(stage)
        series_id = stage.person_adds(STARTS_AT, weekly=True)
        shown = {event.item.event_id: event for event in stage.provider().list_everything(stage.calendar_id)}
        assert set(shown) == {first.item.event_id, series_id}
        assert shown[first.item.event_id] == first
        assert shown[series_id].item.recurrence == ("RRULE:FREQ=WEEKLY",)


class TestConflicts:
    """microsoft-graph.md E14."""

    def test_a_conflict_where_nothing_changed_is_tried_once_more(self, stage: MicrosoftStage) -> None:
        first, calendar = created(stage), stage.provider()
        stage.world.set_switches(conflicts=1)
        changed = calendar.update_event(
            stage.calendar_id, first.item.event_id, a_content("Perm"), etag=first.etag
        )
        assert changed.content == stage.as_shown(a_content("Perm"))

    def test_a_conflict_that_stays_is_a_change(self, stage: MicrosoftStage) -> None:
        first, calendar = created(stage), stage.provider()
        stage.world.set_switches(conflicts=2)
        with pytest.raises(EventChanged):
            calendar.update_event(stage.calendar_id, first.item.event_id, a_content("Perm"), etag=first.etag)

    def test_a_new_version_of_the_same_event_is_no_conflict_for_who_wrote_the_last(
        self, stage: MicrosoftStage
    ) -> None:
        calendar = stage.provider()
        first = calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        outlook.patch_event(stage.mailbox, first.item.event_id, {"categories": ["Red category"]})
        changed = calendar.update_event(
            stage.calendar_id, first.item.event_id, a_content("Perm"), etag=first.etag
        )
        assert changed.content == stage.as_shown(a_content("Perm"))
        assert stage.event(stage.an_id())["categories"] == ["Red category"]

    def test_lines_of_the_agent_s_that_came_meanwhile_are_a_conflict(self, stage: MicrosoftStage) -> None:
        calendar = stage.provider()
        first = calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        person_writes_below(stage, "<div>bring the big mirror</div>")
        with pytest.raises(EventChanged):
            calendar.update_event(stage.calendar_id, first.item.event_id, a_content("Perm"), etag=first.etag)

    def test_deleting_asks_nobody_about_versions(self, stage: MicrosoftStage) -> None:
        first = created(stage)
        outlook.patch_event(stage.mailbox, first.item.event_id, {"categories": ["Red category"]})
        stage.provider().delete_event(stage.calendar_id, first.item.event_id)
        assert outlook.events(stage.mailbox) == []


def person_writes_below(stage: MicrosoftStage, lines: str) -> None:
    content = stage.event(stage.an_id())["body"]["content"]
    changed = content.replace("</body>", f"{lines}</body>")
    body = {"body": {"contentType": "html", "content": changed}}
    outlook.patch_event(stage.mailbox, stage.id_of(stage.an_id()), body)


class TestBodies:
    """microsoft-graph.md E16, E18."""

    def test_the_agent_s_html_below_the_line_is_kept_as_it_is(self, stage: MicrosoftStage) -> None:
        created(stage)
        person_writes_below(stage, '<div>bring <b>the big</b> mirror<br>and <i class="x">combs</i></div>')
        calendar = stage.provider()
        now = calendar.get_event(stage.calendar_id, stage.an_id())
        assert "bring <b>the big</b> mirror" in now.agent_notes
        assert now.content == stage.as_shown(a_content())
        for summary in ("Perm", "Dye"):
            now = calendar.update_event(
                stage.calendar_id,
                stage.an_id(),
                a_content(summary),
                etag=now.etag,
                agent_notes=now.agent_notes,
            )
        assert stage.event(stage.an_id())["body"]["content"].count("bring <b>the big</b> mirror") == 1
        assert now.content == stage.as_shown(a_content("Dye"))

    def test_what_a_customer_typed_stays_text(self, stage: MicrosoftStage) -> None:
        content = replace(a_content(), description='Ann & <b>Bob</b>\n"<script>alert(1)</script>"')
        event = stage.provider().create_event(stage.calendar_id, stage.an_id(), content)
        assert event.content == stage.as_shown(content)
        assert "<script" not in stage.event(stage.an_id())["body"]["content"]

    def test_an_event_made_an_all_day_one_becomes_a_timed_one_again(self, stage: MicrosoftStage) -> None:
        first, calendar = created(stage), stage.provider()
        midnights = {"start": "2027-03-01T00:00:00", "end": "2027-03-02T00:00:00"}
        times = {name: {"dateTime": text, "timeZone": "Europe/Berlin"} for name, text in midnights.items()}
        outlook.patch_event(stage.mailbox, first.item.event_id, {"isAllDay": True, **times})
        moved = calendar.get_event(stage.calendar_id, stage.an_id())
        assert not isinstance(moved.item.starts, type(STARTS_AT))
        restored = calendar.update_event(stage.calendar_id, stage.an_id(), a_content(), etag=moved.etag)
        assert restored.content == first.content


class TestMeetings:
    """microsoft-graph.md E16."""

    def test_the_lines_for_joining_survive_our_changes(self, stage: MicrosoftStage) -> None:
        calendar, content = stage.provider(), replace(a_content(), wants_meeting=True)
        calendar.create_event(stage.calendar_id, stage.an_id(), content)
        stage.finish_meetings()
        now = calendar.get_event(stage.calendar_id, stage.an_id())
        assert "teams.microsoft.com" in now.agent_notes
        again = replace(a_content("Perm"), wants_meeting=True)
        for _ in range(2):
            now = calendar.update_event(
                stage.calendar_id, stage.an_id(), again, etag=now.etag, agent_notes=now.agent_notes
            )
        assert calendar.read_meeting(stage.calendar_id, stage.an_id()).state is MeetingState.READY
        assert stage.event(stage.an_id())["body"]["content"].count("Join the meeting now") == 1

    @pytest.mark.parametrize("refusal", ["ignored", "refused"])
    def test_a_calendar_without_teams_harms_no_event(self, stage: MicrosoftStage, refusal: str) -> None:
        stage.world.set_switches(disallowed_meetings=refusal)
        stage.fail_meetings()
        calendar, content = stage.provider(), replace(a_content(), wants_meeting=True)
        event = calendar.create_event(stage.calendar_id, stage.an_id(), content)
        changed = calendar.update_event(stage.calendar_id, stage.an_id(), content, etag=event.etag)
        assert changed.content == stage.as_shown(a_content())
        assert calendar.read_meeting(stage.calendar_id, stage.an_id()).state is MeetingState.FAILED


class TestTogether:
    """microsoft-graph.md L4."""

    def test_twenty_writes_are_one_request_each_with_its_own_end(self, stage: MicrosoftStage) -> None:
        calendar = stage.provider()
        standing = [created(stage, number) for number in range(3)]
        before = stage.requests()
        news = [NewEvent(stage.an_id(10 + n), a_content(f"Cut {n}")) for n in range(16)]
        gone = [GoneEvent(standing[0].item.event_id), GoneEvent("AAMkNoSuchEvent")]
        taken = [NewEvent(stage.an_id(1), a_content("Other"))]
        ends = calendar.write_together(stage.calendar_id, [*gone, *news, *taken])
        assert ends[0] is None
        assert isinstance(ends[1], EventNotFound)
        events = [end for end in ends[2:18] if isinstance(end, Event)]
        assert [event.created_as for event in events] == [new.key for new in news]
        assert [event.content for event in events] == [stage.as_shown(new.content) for new in news]
        assert isinstance(ends[18], EventExists)
        posted = [one for one in stage.world.requests if one.path == f"{GRAPH}$batch"]
        assert len(posted) == 1
        assert stage.requests() - before > 1
        for event in events:
            assert calendar.get_event(stage.calendar_id, event.item.event_id) == event

    def test_a_part_that_came_too_fast_knows_when_to_come_back(self, stage: MicrosoftStage) -> None:
        calendar = stage.provider()
        stage.world.add_fault(
            "status",
            method="POST",
            path="/events$",
            status=429,
            reason="TooManyRequests",
            retry_after_s=30,
            after=1,
            times=1,
        )
        news = [NewEvent(stage.an_id(number), a_content()) for number in range(3)]
        ends = calendar.write_together(stage.calendar_id, news)
        (late,) = [end for end in ends if not isinstance(end, Event)]
        assert isinstance(late, RateLimited)
        assert late.retry_at == NOW + timedelta(seconds=30)

    def test_a_deletion_by_its_key_goes_along(self, stage: MicrosoftStage) -> None:
        created(stage)
        ends = stage.provider().write_together(
            stage.calendar_id, [GoneEvent(stage.an_id()), GoneEvent(stage.an_id(9))]
        )
        assert ends[0] is None
        assert isinstance(ends[1], EventNotFound)

    def test_a_batch_that_comes_too_fast_was_not_tried(self, stage: MicrosoftStage) -> None:
        stage.fail(429, times=1, retry_after_s=30)
        with pytest.raises(RateLimited):
            stage.provider().write_together(stage.calendar_id, [NewEvent(stage.an_id(), a_content())])
        assert outlook.events(stage.mailbox) == []

    def test_more_than_twenty_are_our_mistake(self, stage: MicrosoftStage) -> None:
        with pytest.raises(ValueError, match="at most 20"):
            stage.provider().write_together(stage.calendar_id, [GoneEvent("x")] * 21)


class TestDenied:
    """One status with three meanings (§11)."""

    def test_a_calendar_that_may_only_be_read_is_lost_for_writing(self, stage: MicrosoftStage) -> None:
        shared = outlook.make_calendar(stage.mailbox, "Salon", can_edit=False)["id"]
        calendar = stage.provider()
        assert [one.is_writable for one in calendar.list_calendars()] == [True, False]
        with pytest.raises(CalendarLost):
            calendar.create_event(shared, stage.an_id(), a_content())
        (end,) = calendar.write_together(shared, [NewEvent(stage.an_id(), a_content())])
        assert isinstance(end, CalendarLost)

    def test_where_only_one_event_is_denied_only_that_is_set_aside(self, stage: MicrosoftStage) -> None:
        first = created(stage)
        stage.world.add_fault(
            "status", method="PATCH", path=GRAPH, status=403, reason="ErrorAccessDenied", times=None
        )
        with pytest.raises(EventRefused):
            stage.provider().update_event(
                stage.calendar_id, first.item.event_id, a_content("Perm"), etag=first.etag
            )

    @pytest.mark.parametrize("status", [403, 404])
    def test_without_a_mailbox_somebody_must_sign_in_with_another_account(
        self, stage: MicrosoftStage, status: int
    ) -> None:
        stage.world.set_switches(missing_mailbox_status=status)
        stage.world.set_mailbox_enabled(DANA, False)
        with pytest.raises(AuthorizationLost, match="MailboxNotEnabledForRESTAPI"):
            stage.provider().list_calendars()


class TestSharing:
    """microsoft-graph.md L1."""

    def test_eight_threads_are_never_more_than_four_at_once(self, stage: MicrosoftStage) -> None:
        stage.world.latency_s = 0.02
        tokens = stage.tokens()
        tokens.token()
        with ThreadPoolExecutor(8) as threads:
            looks = [
                threads.submit(stage.microsoft.calendar(7, tokens, person="dana").list_calendars)
                for _ in range(16)
            ]
            assert all(look.result() for look in looks)
        assert max(stage.world.limits.most_at_once.values()) <= 4

    def test_a_claims_challenge_is_met_unseen(self, stage: MicrosoftStage) -> None:
        calendar = stage.provider()
        calendar.list_calendars()
        stage.world.change_person(DANA, claims_challenge='{"access_token":{"nbf":{"essential":true}}}')
        assert calendar.list_calendars()

    def test_a_token_that_died_early_is_renewed_unseen(self, stage: MicrosoftStage) -> None:
        calendar = stage.provider()
        calendar.list_calendars()
        stage.world.access_tokens.clear()
        assert calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        assert len(outlook.events(stage.mailbox)) == 1


def test_a_person_s_own_time_is_read_in_whatever_zone_it_was_written(stage: MicrosoftStage) -> None:
    event_id = outlook.put_event(stage.mailbox, {"subject": "Dentist", **span(STARTS_AT)})["id"]
    assert stage.provider().get_event(stage.calendar_id, event_id).item.starts == STARTS_AT
