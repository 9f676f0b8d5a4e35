"""The main job as an operator and an agent do it: from an empty home to bookings in the calendar."""

from __future__ import annotations

from tests.site.builders import Site
from tests.system.browsing import sign_in
from tests.system.google import PretendGoogle, end_of, marker_of, start_of
from tests.system.installation import BERLIN, DANA, Installation, at, day

DANAS = "dana@example.test"


def connect_over_http(fresh: Installation, *, stranger: bool = False, auto_consent: bool = True) -> None:
    """Everything from `migrate` to the finished sign-in, by commands and pages only."""
    fresh.google.add_user(DANAS, auto_consent=auto_consent)
    if stranger:
        fresh.google.add_user("stranger@example.test")
    fresh.fine("migrate")
    fresh.fine("client", "import", fresh.client_file(fresh.add_client()))
    link = fresh.fine("agents", "link", str(DANA)).strip()
    with fresh.web() as web:
        page = sign_in(link, DANAS)
        assert "Your calendar is connected" in page
        assert web.stop() == 0


def test_bookings_reach_the_calendar_and_its_busy_times_reach_the_site(
    fresh: Installation, google: PretendGoogle, site: Site
) -> None:
    first = site.insert_booking(start_date=day(3), start_time=600)
    last = site.insert_booking(start_date=day(200), start_time=23 * 60, end_time=0, end_date=day(201))
    site.insert_booking(start_date=day(4), status="cancelled")
    site.insert_booking(start_date=day(-40))
    connect_over_http(fresh)
    google.put_event(DANAS, at(3, 14), at(3, 15))
    google.put_event(DANAS, at(5, 14), at(5, 15), transparency="transparent")

    synced = fresh.json("sync")

    assert (synced["events_created"], synced["busy_added"], synced["accounts"]) == (2, 1, 1)
    assert google.bookings(DANAS) == [first, last]
    event = google.event_of(DANAS, first)
    assert event is not None
    site_id = fresh.json("status")["site_id"]
    assert marker_of(event) == {
        "latesync_site": site_id,
        "latesync_booking": str(first),
        "latesync_generation": "0",
    }
    assert (start_of(event), end_of(event)) == (at(3, 10), at(3, 11))
    assert event["start"]["timeZone"] == event["end"]["timeZone"] == BERLIN.key
    assert "Massage" in event["summary"]
    assert event["location"] == "1 Main St"
    assert set(event["id"]) <= set("0123456789abcdefghijklmnopqrstuv")
    midnight = google.event_of(DANAS, last)
    assert midnight is not None
    assert (start_of(midnight), end_of(midnight)) == (at(200, 23), at(201, 0))
    assert not [event for event in google.events(DANAS) if event.get("attendees")]
    assert google.ask("GET", "/mails") == []
    assert fresh.busy() == [(at(3, 14), at(3, 15))]


def test_everything_is_quiet_and_in_order_after_the_first_run(installation: Installation, site: Site) -> None:
    booking = site.insert_booking(start_date=day(3))
    installation.connect()
    planned = installation.json("plan")["operations"]
    assert planned == [
        {"operation": "create", "booking_id": booking, "agent_id": DANA, "reason": "new booking"}
    ]
    assert "1 created" in installation.fine("sync")

    assert installation.json("plan")["operations"] == []
    assert "nothing to do" in installation.fine("plan")
    assert "0 created, 0 updated, 0 deleted" in installation.fine("sync")
    status = installation.json("status")
    assert (status["needs_person"], status["remedies"], status["zone"]) == (False, [], BERLIN.key)
    assert [(agent["state"], agent["mapped"]) for agent in status["agents"]] == [("connected", 1)]
    assert "Nothing needs a person." in installation.fine("status")
    assert "Dana Ruiz" in installation.fine("agents")
    shown = installation.json("client", "show")
    assert shown["problem"] is None
    assert shown["redirect_uri"].endswith("/oauth/google/callback")
    findings = installation.json("doctor")
    assert not [finding for finding in findings if finding["verdict"] == "wrong"]


def test_the_consent_page_is_answered_by_hand_among_several_accounts(
    fresh: Installation, google: PretendGoogle, site: Site
) -> None:
    booking = site.insert_booking(start_date=day(3))
    connect_over_http(fresh, stranger=True, auto_consent=False)
    fresh.fine("sync")
    assert google.bookings(DANAS) == [booking]
    assert google.events("stranger@example.test") == []


def test_a_full_run_lists_anew_and_changes_nothing(installation: Installation, site: Site) -> None:
    site.insert_booking(start_date=day(3))
    calendar = installation.connect()
    installation.google.put_event(calendar, at(4, 9), at(4, 10))
    installation.fine("sync")
    before = installation.busy(), installation.google.events(calendar)

    again = installation.json("sync", "--full")

    assert (again["events_created"], again["busy_added"], again["busy_removed"]) == (0, 0, 0)
    assert (installation.busy(), installation.google.events(calendar)) == before
    (found,) = again["compared"]
    assert (found["events_wrong"], found["busy_wrong"], found["form_wrong"]) == (0, 0, 0)


def test_only_the_named_agent_is_synchronised(installation: Installation, site: Site) -> None:
    ben = site.insert_agent(first_name="Ben", last_name="Cho")
    site.insert_booking(start_date=day(3))
    bens = site.insert_booking(start_date=day(3), agent_id=ben)
    danas = installation.connect()
    calendar = installation.connect(ben, "ben@example.test")
    installation.fine("sync", "--agent", str(ben))
    assert installation.google.bookings(calendar) == [bens]
    assert installation.google.bookings(danas) == []
