"""What every provider must do, whoever is behind it (providers/base.py). One subclass a provider."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from latesync.errors import (
    AuthorizationLost,
    CalendarLost,
    ClientRejected,
    EventChanged,
    EventExists,
    EventNotFound,
    EventRefused,
    ProviderUnavailable,
    RateLimited,
    SyncTokenExpired,
)
from latesync.times import TimeRange
from tests.contract.guests_contract import GuestsContract, MeetingsContract
from tests.contract.stage import STARTS_AT, WINDOW, WINDOW_START, Stage, a_content, read_to_end

WEEK = timedelta(days=7)


class CalendarContract:
    """The account's calendars."""

    def test_the_primary_calendar_comes_first_and_may_be_written(self, stage: Stage) -> None:
        first = stage.provider().list_calendars()[0]
        assert first.is_primary
        assert first.is_writable
        assert first.id == stage.calendar_id
        assert first.zone == ("Europe/Berlin" if stage.names_zone else None)

    def test_a_calendar_that_is_gone_is_lost(self, stage: Stage) -> None:
        calendar, calendar_id = stage.provider(), stage.person_makes_a_calendar()
        _, token = read_to_end(calendar.list_changes(calendar_id, None, WINDOW))
        stage.person_removes_calendar(calendar_id)
        for from_token in (None, token):
            with pytest.raises(CalendarLost):
                read_to_end(calendar.list_changes(calendar_id, from_token, WINDOW))
        with pytest.raises(CalendarLost):
            calendar.create_event(calendar_id, stage.an_id(), a_content())


class WritingContract:
    """Creating, changing and deleting our own events."""

    def test_a_created_event_comes_back_as_it_is_held(self, stage: Stage) -> None:
        calendar, content = stage.provider(), a_content()
        created = calendar.create_event(stage.calendar_id, stage.an_id(), content)
        assert created.created_as == stage.an_id()
        assert (created.item.event_id == stage.an_id()) == stage.ids_are_ours
        assert created.marker == content.marker
        assert created.content == stage.as_shown(content)
        assert created.agent_notes == ""
        assert created == calendar.get_event(stage.calendar_id, stage.an_id())
        assert created == calendar.get_event(stage.calendar_id, created.item.event_id)

    def test_an_event_of_a_site_with_a_fixed_offset_keeps_its_instants(self, stage: Stage) -> None:
        content = replace(a_content(), zone=None)
        created = stage.provider().create_event(stage.calendar_id, stage.an_id(), content)
        assert (created.item.starts, created.item.ends) == (content.span.start, content.span.end)

    def test_an_event_over_a_clock_change_keeps_its_instants(self, stage: Stage) -> None:
        night = TimeRange(datetime(2027, 3, 28, 0, 30, tzinfo=UTC), datetime(2027, 3, 28, 1, 30, tzinfo=UTC))
        created = stage.provider().create_event(
            stage.calendar_id, stage.an_id(), replace(a_content(), span=night)
        )
        assert (created.item.starts, created.item.ends) == (night.start, night.end)

    def test_texts_survive_as_they_are(self, stage: Stage) -> None:
        content = replace(a_content(), summary='Färben & "Föhnen" <b> 💇', location="Straße 1, 東京")
        created = stage.provider().create_event(stage.calendar_id, stage.an_id(), content)
        assert created.content == stage.as_shown(content)

    def test_an_id_that_lives_is_taken(self, stage: Stage) -> None:
        calendar = stage.provider()
        calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        with pytest.raises(EventExists):
            calendar.create_event(stage.calendar_id, stage.an_id(), a_content("Other"))
        content = calendar.get_event(stage.calendar_id, stage.an_id()).content
        assert content is not None
        assert content.summary == "Haircut"

    def test_deleted_id_stays_taken(self, stage: Stage) -> None:
        calendar = stage.provider()
        calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        calendar.delete_event(stage.calendar_id, stage.an_id())
        with pytest.raises(EventExists):
            calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        with pytest.raises(EventNotFound):
            calendar.get_event(stage.calendar_id, stage.an_id())

    def test_an_update_writes_our_fields(self, stage: Stage) -> None:
        calendar = stage.provider()
        created = calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        later = a_content("Colouring", starts_at=STARTS_AT + timedelta(days=1))
        updated = calendar.update_event(stage.calendar_id, stage.an_id(), later, etag=created.etag)
        assert updated.content == stage.as_shown(later)
        assert updated.etag != created.etag

    def test_what_is_the_agent_s_survives_an_update(self, stage: Stage) -> None:
        calendar = stage.provider()
        calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        stage.person_decorates(stage.an_id())
        theirs = stage.decorations(stage.an_id())
        current = calendar.get_event(stage.calendar_id, stage.an_id())
        updated = calendar.update_event(
            stage.calendar_id,
            stage.an_id(),
            a_content("Colouring"),
            etag=current.etag,
            agent_notes=stage.some_notes,
        )
        assert stage.decorations(stage.an_id()) == theirs
        assert updated.agent_notes == stage.some_notes
        read_again = calendar.get_event(stage.calendar_id, stage.an_id())
        assert (read_again.agent_notes, read_again.content) == (stage.some_notes, updated.content)

    def test_a_stale_etag_changes_nothing(self, stage: Stage) -> None:
        calendar = stage.provider()
        created = calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        stage.person_moves(stage.an_id(), STARTS_AT + WEEK)
        with pytest.raises(EventChanged):
            calendar.update_event(stage.calendar_id, stage.an_id(), a_content("Other"), etag=created.etag)
        now = calendar.get_event(stage.calendar_id, stage.an_id())
        assert now.item.starts == STARTS_AT + WEEK
        assert now.content is not None
        assert now.content.summary == "Haircut"

    def test_an_event_deleted_meanwhile_is_not_revived_by_an_update(self, stage: Stage) -> None:
        calendar = stage.provider()
        created = calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        stage.person_deletes(stage.an_id())
        with pytest.raises((EventChanged, EventNotFound)):
            calendar.update_event(stage.calendar_id, stage.an_id(), a_content("Other"), etag=created.etag)
        with pytest.raises(EventNotFound):
            calendar.get_event(stage.calendar_id, stage.an_id())

    def test_a_second_deletion_finds_nothing(self, stage: Stage) -> None:
        calendar = stage.provider()
        calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        calendar.delete_event(stage.calendar_id, stage.an_id())
        with pytest.raises(EventNotFound):
            calendar.delete_event(stage.calendar_id, stage.an_id())

    def test_what_never_was_is_not_found(self, stage: Stage) -> None:
        calendar = stage.provider()
        with pytest.raises(EventNotFound):
            calendar.get_event(stage.calendar_id, stage.an_id())
        with pytest.raises(EventNotFound):
            calendar.delete_event(stage.calendar_id, stage.an_id())

    def test_an_event_the_provider_will_never_take_is_refused(self, stage: Stage) -> None:
        calendar = stage.provider()
        with pytest.raises(EventRefused):
            calendar.create_event(stage.calendar_id, "Not An Id!", a_content())
        stage.refuse_events()
        with pytest.raises(EventRefused):
            calendar.create_event(stage.calendar_id, stage.an_id(), a_content())

    def test_nobody_is_mailed(self, stage: Stage) -> None:
        calendar = stage.provider()
        calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        if calendar.can_invite_silently:
            stage.person_decorates(stage.an_id())  # there is a guest now
        before = stage.mails()
        etag = calendar.get_event(stage.calendar_id, stage.an_id()).etag
        calendar.update_event(stage.calendar_id, stage.an_id(), a_content("Other"), etag=etag)
        calendar.delete_event(stage.calendar_id, stage.an_id())
        assert stage.mails() == before


class ListingContract:
    """What changed in a calendar."""

    def test_a_full_listing_shows_what_ends_after_the_window_s_start(self, stage: Stage) -> None:
        inside = stage.person_adds(STARTS_AT)
        straddling = stage.person_adds(WINDOW_START - timedelta(minutes=30))
        stage.person_adds(WINDOW_START - WEEK)
        shown, _ = read_to_end(stage.provider().list_changes(stage.calendar_id, None, WINDOW))
        assert set(shown) == {inside, straddling}

    def test_an_empty_calendar_gives_a_token_too(self, stage: Stage) -> None:
        shown, token = read_to_end(stage.provider().list_changes(stage.calendar_id, None, WINDOW))
        assert shown == {}
        assert token

    def test_the_calendar_s_zone_is_known(self, stage: Stage) -> None:
        page = next(iter(stage.provider().list_changes(stage.calendar_id, None, WINDOW)))
        assert page.zone == ("Europe/Berlin" if stage.names_zone else None)

    def test_a_title_of_somebody_else_s_event_stays_outside(self, stage: Stage) -> None:
        event_id = stage.person_adds(STARTS_AT)
        shown, _ = read_to_end(stage.provider().list_changes(stage.calendar_id, None, WINDOW))
        assert shown[event_id].content is None
        assert "Dentist" not in repr(shown)

    def test_only_what_changed_is_listed_after_a_token(self, stage: Stage) -> None:
        calendar = stage.provider()
        kept, moved, deleted = (stage.person_adds(STARTS_AT + WEEK * number) for number in range(3))
        _, token = read_to_end(calendar.list_changes(stage.calendar_id, None, WINDOW))
        stage.person_moves(moved, STARTS_AT + timedelta(hours=3))
        stage.person_deletes(deleted)
        new = stage.person_adds(STARTS_AT + timedelta(hours=5))
        shown, next_token = read_to_end(calendar.list_changes(stage.calendar_id, token, WINDOW))
        assert set(shown) == {moved, deleted, new}
        assert kept not in shown
        assert shown[moved].item.starts == STARTS_AT + timedelta(hours=3)
        assert shown[deleted].item.is_cancelled
        nothing, _ = read_to_end(calendar.list_changes(stage.calendar_id, next_token, WINDOW))
        assert nothing == {}

    def test_our_own_writes_come_back_as_they_were_answered(self, stage: Stage) -> None:
        calendar = stage.provider()
        _, token = read_to_end(calendar.list_changes(stage.calendar_id, None, WINDOW))
        created = calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        shown, token = read_to_end(calendar.list_changes(stage.calendar_id, token, WINDOW))
        own_id = created.item.event_id
        assert shown == {own_id: created}
        updated = calendar.update_event(stage.calendar_id, stage.an_id(), a_content("X"), etag=created.etag)
        shown, token = read_to_end(calendar.list_changes(stage.calendar_id, token, WINDOW))
        assert shown == {own_id: updated}
        calendar.delete_event(stage.calendar_id, stage.an_id())
        shown, _ = read_to_end(calendar.list_changes(stage.calendar_id, token, WINDOW))
        assert shown[own_id].item.is_cancelled

    def test_every_page_is_read(self, stage: Stage) -> None:
        calendar = stage.provider()
        before = {stage.person_adds(STARTS_AT + timedelta(hours=number)) for number in range(7)}
        stage.limit_pages(3)
        shown, token = read_to_end(calendar.list_changes(stage.calendar_id, None, WINDOW))
        assert set(shown) == before
        after = {stage.person_adds(STARTS_AT + WEEK + timedelta(hours=number)) for number in range(7)}
        shown, _ = read_to_end(calendar.list_changes(stage.calendar_id, token, WINDOW))
        assert set(shown) == after

    def test_a_listing_that_breaks_off_raises(self, stage: Stage) -> None:
        for number in range(7):
            stage.person_adds(STARTS_AT + timedelta(hours=number))
        stage.limit_pages(3)
        pages = iter(stage.provider().list_changes(stage.calendar_id, None, WINDOW))
        next(pages)
        stage.fail(503, times=None)
        with pytest.raises(ProviderUnavailable):
            list(pages)

    def test_a_dead_token_asks_for_a_new_start(self, stage: Stage) -> None:
        calendar = stage.provider()
        event_id = stage.person_adds(STARTS_AT)
        _, token = read_to_end(calendar.list_changes(stage.calendar_id, None, WINDOW))
        stage.end_sync_tokens()
        with pytest.raises(SyncTokenExpired):
            read_to_end(calendar.list_changes(stage.calendar_id, token, WINDOW))
        shown, _ = read_to_end(calendar.list_changes(stage.calendar_id, None, WINDOW))
        assert set(shown) == {event_id}

    def test_a_token_that_is_none_asks_for_a_new_start(self, stage: Stage) -> None:
        with pytest.raises(SyncTokenExpired):
            read_to_end(stage.provider().list_changes(stage.calendar_id, "no token", WINDOW))

    def test_a_series_comes_once_with_its_rule_or_as_all_its_dates(self, stage: Stage) -> None:
        series_id = stage.person_adds(STARTS_AT, weekly=True)
        shown, _ = read_to_end(stage.provider().list_changes(stage.calendar_id, None, WINDOW))
        if stage.expands_series:
            items = [event.item for event in shown.values()]
            days = sorted(str(item.starts)[:10] for item in items)
            assert days == [f"{STARTS_AT + WEEK * number:%Y-%m-%d}" for number in range(10)]
            assert {(item.series_id, item.recurrence) for item in items} == {(series_id, ())}
            return
        assert set(shown) == {series_id}
        item = shown[series_id].item
        assert any("FREQ=WEEKLY" in line for line in item.recurrence)
        assert item.zone == "Europe/Berlin"
        assert item.starts == STARTS_AT

    def test_a_moved_occurrence_keeps_its_identity(self, stage: Stage) -> None:
        calendar = stage.provider()
        series_id = stage.person_adds(STARTS_AT, weekly=True)
        _, token = read_to_end(calendar.list_changes(stage.calendar_id, None, WINDOW))
        stage.person_moves_occurrence(series_id, STARTS_AT + WEEK, STARTS_AT + WEEK + timedelta(hours=4))
        for from_token in (None, token):
            shown, _ = read_to_end(calendar.list_changes(stage.calendar_id, from_token, WINDOW))
            dates = [event.item for event in shown.values() if event.item.series_id]
            (moved,) = [item for item in dates if item.original_start == STARTS_AT + WEEK]
            assert moved.series_id == series_id
            assert moved.original_start == STARTS_AT + WEEK
            assert moved.starts == STARTS_AT + WEEK + timedelta(hours=4)
            assert not moved.is_cancelled

    def test_a_cancelled_occurrence_keeps_its_identity(self, stage: Stage) -> None:
        calendar = stage.provider()
        series_id = stage.person_adds(STARTS_AT, weekly=True)
        before, token = read_to_end(calendar.list_changes(stage.calendar_id, None, WINDOW))
        stage.person_cancels_occurrence(series_id, STARTS_AT + WEEK)
        if stage.expands_series:
            (gone,) = (name for name, event in before.items() if event.item.starts == STARTS_AT + WEEK)
            shown, _ = read_to_end(calendar.list_changes(stage.calendar_id, token, WINDOW))
            assert shown[gone].item.is_cancelled
            shown, _ = read_to_end(calendar.list_changes(stage.calendar_id, None, WINDOW))
            assert set(shown) == set(before) - {gone}
            return
        for from_token in (None, token):
            shown, _ = read_to_end(calendar.list_changes(stage.calendar_id, from_token, WINDOW))
            (cancelled,) = [event.item for event in shown.values() if event.item.is_cancelled]
            assert cancelled.series_id == series_id
            assert cancelled.original_start == STARTS_AT + WEEK


class TroubleContract:
    """Who acts next when something fails."""

    def test_a_read_is_repeated_twice_with_a_pause(self, stage: Stage) -> None:
        calendar = stage.provider()
        calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        stage.fail(503, times=2)
        assert calendar.get_event(stage.calendar_id, stage.an_id()).marker is not None
        assert len(stage.pauses) == 2

    def test_a_read_is_not_repeated_for_ever(self, stage: Stage) -> None:
        calendar = stage.provider()
        stage.fail(500, times=None)
        before = stage.requests()
        with pytest.raises(ProviderUnavailable):
            read_to_end(calendar.list_changes(stage.calendar_id, None, WINDOW))
        assert stage.requests() - before == 3

    def test_a_write_is_not_repeated(self, stage: Stage) -> None:
        calendar = stage.provider()
        stage.fail(503, times=1)
        with pytest.raises(ProviderUnavailable):
            calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        assert stage.pauses == []
        with pytest.raises(EventNotFound):
            calendar.get_event(stage.calendar_id, stage.an_id())

    @pytest.mark.parametrize("retry_after_s", [None, 30])
    def test_too_fast_is_told_with_the_moment_if_there_is_one(
        self, stage: Stage, retry_after_s: int | None
    ) -> None:
        calendar = stage.provider()
        for status in stage.too_fast:
            stage.fail(status, times=1, retry_after_s=retry_after_s)
            with pytest.raises(RateLimited) as caught:
                read_to_end(calendar.list_changes(stage.calendar_id, None, WINDOW))
            assert (caught.value.retry_at is not None) == (retry_after_s is not None)
        assert stage.pauses == []

    def test_a_create_whose_answer_is_lost_can_be_asked_again(self, stage: Stage) -> None:
        calendar = stage.provider()
        calendar.list_calendars()
        stage.lose_answers()
        with pytest.raises((ProviderUnavailable, EventExists)):
            calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        stage.recover()
        with pytest.raises(EventExists):
            calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        assert calendar.get_event(stage.calendar_id, stage.an_id()).marker == a_content().marker

    def test_a_delete_whose_answer_is_lost_can_be_asked_again(self, stage: Stage) -> None:
        calendar = stage.provider()
        calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        stage.lose_answers()
        with pytest.raises((ProviderUnavailable, EventNotFound)):
            calendar.delete_event(stage.calendar_id, stage.an_id())
        stage.recover()
        with pytest.raises(EventNotFound):
            calendar.delete_event(stage.calendar_id, stage.an_id())

    def test_garbage_is_never_taken_for_an_answer(self, stage: Stage) -> None:
        calendar = stage.provider()
        created = calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        stage.answer_garbage()
        with pytest.raises(ProviderUnavailable):
            read_to_end(calendar.list_changes(stage.calendar_id, None, WINDOW))
        with pytest.raises(ProviderUnavailable):
            calendar.get_event(stage.calendar_id, stage.an_id())
        with pytest.raises(ProviderUnavailable):
            calendar.list_calendars()
        with pytest.raises(ProviderUnavailable):
            calendar.create_event(stage.calendar_id, stage.an_id(2), a_content())
        with pytest.raises(ProviderUnavailable):
            calendar.update_event(stage.calendar_id, stage.an_id(), a_content(), etag=created.etag)

    def test_an_answer_that_takes_too_long_is_none(self, stage: Stage) -> None:
        calendar = stage.provider()
        calendar.list_calendars()
        stage.answer_slower_than_the_time_limit()
        with pytest.raises(ProviderUnavailable):
            calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        stage.recover()
        assert calendar.list_calendars()

    def test_a_provider_that_is_down_signs_nobody_out(self, stage: Stage) -> None:
        calendar = stage.provider()
        stage.go_down()
        with pytest.raises(ProviderUnavailable):
            calendar.get_event(stage.calendar_id, stage.an_id())

    @pytest.mark.parametrize("was_used_before", [True, False])
    def test_a_withdrawn_consent_asks_the_agent(self, stage: Stage, was_used_before: bool) -> None:
        calendar = stage.provider()
        if was_used_before:
            calendar.list_calendars()
        stage.withdraw_consent()
        with pytest.raises(AuthorizationLost):
            calendar.get_event(stage.calendar_id, stage.an_id())
        with pytest.raises(AuthorizationLost):
            calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        assert stage.pauses == []

    def test_a_replaced_secret_asks_the_admin(self, stage: Stage) -> None:
        calendar = stage.provider()
        stage.replace_client_secret()
        with pytest.raises(ClientRejected):
            calendar.list_calendars()

    def test_a_missing_permission_asks_the_agent(self, stage: Stage) -> None:
        stage.take_away_permission()
        with pytest.raises(AuthorizationLost):
            read_to_end(stage.provider().list_changes(stage.calendar_id, None, WINDOW))

    def test_an_error_names_account_and_operation_and_no_person(self, stage: Stage) -> None:
        stage.fail(503, times=None)
        with pytest.raises(ProviderUnavailable) as caught:
            stage.provider().create_event(stage.calendar_id, stage.an_id(), a_content("Dana's haircut"))
        assert caught.value.account_id == 7
        assert caught.value.operation == "create_event"
        assert "Dana" not in str(caught.value)
        assert "@" not in str(caught.value)


class ProviderContract(
    CalendarContract, WritingContract, ListingContract, TroubleContract, GuestsContract, MeetingsContract
):
    """All of it."""
