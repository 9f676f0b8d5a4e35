"""The contract with Google's client libraries against the stand-in, and what only Google does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from latesync.errors import (
    AuthorizationLost,
    CalendarLost,
    ClientRejected,
    EventNotFound,
    EventRefused,
    GuestsRefused,
    ProviderUnavailable,
    RateLimited,
    SyncTokenExpired,
    UsageLimited,
)
from latesync.model import EventKind
from latesync.providers.google.budget import RequestBudget
from latesync.providers.google.client import GoogleProviderFactory
from latesync.providers.google.events import insert_body, patch_body
from latesync.providers.google.guests import changed_guests, meeting_request, new_guests, write_options
from latesync.times import TimeRange
from tests.contract.google_stage import DANA, NOW, GoogleStage, google_stage
from tests.contract.guests_contract import silent
from tests.contract.provider_contract import ProviderContract
from tests.contract.stage import STARTS_AT, WINDOW, a_content, read_to_end

ROBIN = "robin@example.com"

__all__ = ["silent"]  # the contract's own fixture


@pytest.fixture
def stage() -> Iterator[GoogleStage]:
    with google_stage() as ready:
        yield ready


def token_requests(stage: GoogleStage) -> int:
    return sum(request.path == "/token" for request in stage.world.requests)


class TestGoogle(ProviderContract):
    """Nothing of its own."""


class TestCalendars:
    def test_roles_say_what_may_be_written_and_hidden_ones_are_there(self, stage: GoogleStage) -> None:
        stage.world.add_user(ROBIN)
        shared = {
            role: stage.world.add_calendar(ROBIN, role).id
            for role in ("freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")
        }
        for role, calendar_id in shared.items():
            stage.world.share_calendar(calendar_id, DANA, role)
            stage.world.set_list_entry(DANA, calendar_id, hidden=True)
        stage.world.set_list_entry(DANA, shared["writer"], summaryOverride="Work")
        seen = {calendar.id: calendar for calendar in stage.provider().list_calendars()}
        writable = {role for role, calendar_id in shared.items() if seen[calendar_id].is_writable}
        assert writable == {"writer", "owner"}
        assert seen[shared["writer"]].name == "Work"

    def test_an_account_without_any_calendar_is_no_answer(self, stage: GoogleStage) -> None:
        del stage.world.users[DANA].listed[DANA]
        stage.world.calendars.clear()
        with pytest.raises(ProviderUnavailable):
            stage.provider().list_calendars()


class TestListing:
    def test_410_without_a_reason_ends_the_token_too(self, stage: GoogleStage) -> None:
        calendar = stage.provider()
        _, token = read_to_end(calendar.list_changes(DANA, None, WINDOW))
        stage.world.set_switches(bare_gone=True)
        stage.end_sync_tokens()
        with pytest.raises(SyncTokenExpired):
            read_to_end(calendar.list_changes(DANA, token, WINDOW))

    def test_only_the_first_listing_names_the_window(self, stage: GoogleStage) -> None:
        """The stand-in refuses what is forbidden beside a token (Y3), and changed parameters (Y4)."""
        calendar = stage.provider()
        _, token = read_to_end(calendar.list_changes(DANA, None, WINDOW))
        for _ in range(3):
            _, token = read_to_end(
                calendar.list_changes(DANA, token, TimeRange(WINDOW.start + timedelta(days=1), WINDOW.end))
            )

    def test_what_google_knows_of_an_event_decides_what_it_is(self, stage: GoogleStage) -> None:
        span = {
            "start": {"dateTime": "2027-03-01T10:00:00+01:00"},
            "end": {"dateTime": "2027-03-01T11:00:00+01:00"},
        }
        day = {"start": {"date": "2027-03-01"}, "end": {"date": "2027-03-02"}}
        answers = [{"email": DANA, "self": True, "responseStatus": "declined"}]
        stage.world.put_event(DANA, {"id": "declined", "attendees": answers, **span})
        stage.world.put_event(DANA, {"id": "tentative", "status": "tentative", **span})
        stage.world.put_event(DANA, {"id": "freeday", "transparency": "transparent", **day})
        stage.world.put_event(DANA, {"id": "outofoffice", "eventType": "outOfOffice", **span})
        shown, _ = read_to_end(stage.provider().list_changes(DANA, None, WINDOW))
        assert shown["declined"].item.is_declined
        assert shown["tentative"].item.is_tentative
        assert shown["freeday"].item.is_free
        assert shown["outofoffice"].item.kind is EventKind.OUT_OF_OFFICE

    def test_an_agents_copy_of_our_event_is_told_apart_by_its_id(self, stage: GoogleStage) -> None:
        calendar = stage.provider()
        calendar.create_event(DANA, stage.an_id(), a_content())
        copy = stage.world.event(DANA, stage.an_id())
        kept = {key: copy[key] for key in ("summary", "start", "end", "extendedProperties")}
        copy_id = stage.world.put_event(DANA, kept)["id"]
        shown, _ = read_to_end(calendar.list_changes(DANA, None, WINDOW))
        assert shown[copy_id].marker == shown[stage.an_id()].marker


class TestForbidden:
    """One status with three meanings (I3, §18)."""

    def test_for_a_deleted_event_there_is_nothing_to_update(self, stage: GoogleStage) -> None:
        calendar = stage.provider()
        calendar.create_event(DANA, stage.an_id(), a_content())
        stage.person_deletes(stage.an_id())
        etag = stage.world.event(DANA, stage.an_id())["etag"]
        with pytest.raises(EventNotFound):
            calendar.update_event(DANA, stage.an_id(), a_content(), etag=etag)

    def test_for_a_locked_event_only_that_event_is_set_aside(self, stage: GoogleStage) -> None:
        calendar = stage.provider()
        calendar.create_event(DANA, stage.an_id(), a_content())
        stage.world.patch_event(DANA, stage.an_id(), {"locked": True})
        etag = calendar.get_event(DANA, stage.an_id()).etag
        with pytest.raises(EventRefused):
            calendar.update_event(DANA, stage.an_id(), a_content("Other"), etag=etag)

    def test_for_a_calendar_no_longer_ours_to_write_the_calendar_is_lost(self, stage: GoogleStage) -> None:
        stage.world.add_user(ROBIN)
        shared = stage.world.add_calendar(ROBIN, "Salon").id
        stage.world.share_calendar(shared, DANA, "writer")
        calendar = stage.provider()
        created = calendar.create_event(shared, stage.an_id(), a_content())
        stage.world.share_calendar(shared, DANA, "reader")
        with pytest.raises(CalendarLost):
            calendar.update_event(shared, stage.an_id(), a_content("Other"), etag=created.etag)
        with pytest.raises(CalendarLost):
            calendar.delete_event(shared, stage.an_id())
        with pytest.raises(CalendarLost):
            calendar.create_event(shared, stage.an_id(2), a_content())


class TestWriting:
    def test_an_event_made_an_all_day_one_becomes_a_timed_one_again(self, stage: GoogleStage) -> None:
        calendar = stage.provider()
        calendar.create_event(DANA, stage.an_id(), a_content())
        gone = {"dateTime": None, "timeZone": None}
        days = {"start": {"date": "2027-03-01", **gone}, "end": {"date": "2027-03-02", **gone}}
        stage.world.patch_event(DANA, stage.an_id(), days)
        moved = calendar.get_event(DANA, stage.an_id())
        assert moved.content is not None
        assert moved.content != a_content()
        restored = calendar.update_event(DANA, stage.an_id(), a_content(), etag=moved.etag)
        assert restored.content == a_content()

    def test_the_marker_stands_in_private_properties_as_strings(self, stage: GoogleStage) -> None:
        stage.provider().create_event(DANA, stage.an_id(), a_content())
        assert stage.world.event(DANA, stage.an_id())["extendedProperties"] == {
            "private": {"latesync_site": "site1", "latesync_booking": "42", "latesync_generation": "1"}
        }

    def test_use_limits_are_told_from_haste(self, stage: GoogleStage) -> None:
        stage.world.add_fault(
            "status", path="/calendar/", status=403, reason="quotaExceeded", domain="usageLimits"
        )
        with pytest.raises(UsageLimited):
            stage.provider().list_calendars()


class TestGuestsOnTheWire:
    """google-calendar.md E14, E15, E18."""

    def test_without_guests_and_meetings_requests_are_what_they_always_were(self, stage: GoogleStage) -> None:
        calendar = stage.provider()
        etag = calendar.create_event(DANA, stage.an_id(), a_content()).etag
        calendar.update_event(DANA, stage.an_id(), a_content("Other"), etag=etag)
        calendar.delete_event(DANA, stage.an_id())
        asked = [request for request in stage.world.requests if request.path.startswith("/calendar/")]
        assert [request.method for request in asked] == ["POST", "PATCH", "DELETE"]
        bodies = [insert_body(stage.an_id(), a_content()), patch_body(a_content("Other"), "")]
        for body in bodies:
            assert not {"attendees", "conferenceData"} & body.keys()
        assert write_options(a_content(), notify=False) == {"sendUpdates": "none"}
        assert new_guests(a_content()) | meeting_request(stage.an_id(), a_content()) == {}

    def test_a_list_of_guests_that_google_cut_short_is_left_alone(self) -> None:
        content = replace(a_content(), guests=("ada@example.net",))
        current = {"attendeesOmitted": True, "attendees": [{"email": DANA, "self": True}]}
        assert changed_guests(current, content, None) == {}

    def test_a_usage_limit_of_an_event_without_guests_stays_one(self, stage: GoogleStage) -> None:
        stage.world.add_fault(
            "status", path="/events", status=403, reason="quotaExceeded", domain="usageLimits"
        )
        with pytest.raises(UsageLimited) as caught:
            stage.provider().create_event(DANA, stage.an_id(), a_content())
        assert not isinstance(caught.value, GuestsRefused)


class TestSignedOut:
    """Who must act: the agent after a confirmed end of the consent, the admin about the client, or nobody."""

    @pytest.mark.parametrize(
        "break_client",
        [
            lambda s: s.world.change_client(s.client_json["client_id"], deleted=True),
            lambda s: s.world.change_user(DANA, admin_blocks=True),
            lambda s: s.world.set_switches(api_enabled=False),
        ],
        ids=["deleted", "blocked by the Workspace admin", "API not enabled"],
    )
    def test_the_client_s_trouble_is_the_admin_s(
        self, stage: GoogleStage, break_client: Callable[[GoogleStage], None]
    ) -> None:
        break_client(stage)
        with pytest.raises(ClientRejected):
            stage.provider().list_calendars()

    @pytest.mark.parametrize("status", [400, 401])
    def test_a_token_of_another_client_is_one_alarm_and_signs_nobody_out(
        self, stage: GoogleStage, status: int
    ) -> None:
        stage.world.set_switches(unauthorized_client_status=status)
        stage.client_json = stage.world.add_client([])["web"]
        with pytest.raises(ClientRejected):
            stage.provider().list_calendars()

    def test_session_control_asks_the_agent(self, stage: GoogleStage) -> None:
        stage.world.change_user(DANA, needs_reauthentication=True)
        with pytest.raises(AuthorizationLost):
            stage.provider().list_calendars()

    def test_a_consent_in_testing_ends_after_seven_days(self, stage: GoogleStage) -> None:
        stage.world.change_client(stage.client_json["client_id"], mode="testing", test_users=[DANA])
        stage.refresh_token = stage.grant(("https://www.googleapis.com/auth/calendar",))
        calendar = stage.provider()
        calendar.list_calendars()
        stage.world.advance(timedelta(days=8))
        with pytest.raises(AuthorizationLost):
            calendar.list_calendars()

    def test_a_401_that_stays_after_a_refresh_signs_nobody_out(self, stage: GoogleStage) -> None:
        stage.world.add_fault("status", path="/calendar/", status=401, reason="authError", times=None)
        with pytest.raises(ProviderUnavailable):
            stage.provider().list_calendars()
        assert stage.pauses == []

    def test_garbage_from_the_token_endpoint_signs_nobody_out(self, stage: GoogleStage) -> None:
        stage.world.add_fault("garbage", path="/token", status=200, times=None)
        with pytest.raises(ProviderUnavailable):
            stage.provider().list_calendars()

    def test_an_access_token_that_died_early_is_renewed_unseen(self, stage: GoogleStage) -> None:
        calendar = stage.provider()
        calendar.list_calendars()
        stage.world.access_tokens.clear()
        assert calendar.list_calendars()
        assert token_requests(stage) == 2


class TestSharing:
    """Several threads of one account."""

    def test_many_threads_refresh_once(self, stage: GoogleStage) -> None:
        stage.world.latency_s = 0.02
        credentials = stage.credentials()
        with ThreadPoolExecutor(8) as threads:
            looks = [threads.submit(stage.google.calendar(7, credentials).list_calendars) for _ in range(8)]
            assert all(look.result() for look in looks)
        assert token_requests(stage) == 1

    def test_our_own_budget_stops_before_google_does(self, stage: GoogleStage) -> None:
        budget = RequestBudget(lambda: NOW, user_per_minute=5)
        google = GoogleProviderFactory(stage.endpoints, now=lambda: NOW, budget=budget)
        calendar = google.calendar(7, stage.credentials(), person="dana's sub")
        created = calendar.create_event(DANA, stage.an_id(), a_content())
        calendar.update_event(DANA, stage.an_id(), a_content("Other"), etag=created.etag)
        before = stage.requests()
        with pytest.raises(RateLimited) as caught:
            google.calendar(8, stage.credentials(), person="dana's sub").update_event(
                DANA, stage.an_id(), a_content(), etag=created.etag
            )
        assert (caught.value.account_id, caught.value.operation) == (8, "update_event")
        assert caught.value.retry_at == NOW + timedelta(seconds=61)
        assert stage.requests() == before
        assert budget.used_today() == 4

    def test_the_stand_in_s_quota_agrees_with_our_count(self, stage: GoogleStage) -> None:
        stage.world.set_switches(quotas=True, quota_per_user_minute=5)
        calendar = stage.provider()
        created = calendar.create_event(DANA, stage.an_id(), a_content())
        calendar.update_event(DANA, stage.an_id(), a_content(starts_at=STARTS_AT), etag=created.etag)
        calendar.get_event(DANA, stage.an_id())
        with pytest.raises(RateLimited):
            calendar.get_event(DANA, stage.an_id())
