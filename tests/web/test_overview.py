"""What the dashboard and `latesync status` are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text as sql
from sqlalchemy import update

from latesync.checks.doctor import examine
from latesync.cli.report import print_status, status_report
from latesync.model import AccountState
from latesync.options import Publishing
from latesync.overview import NEVER, Overview
from latesync.read_overview import read_overview, read_zone
from latesync.store.accounts import record_needs_sign_in
from latesync.store.clients import list_clients, record_client_problem, write_publishing_status
from latesync.store.schema import accounts
from latesync.store.site_rules import record_site_zone
from latesync.sync.tell_site import SiteTeller
from latesync.times import Zone
from tests.web.salon import BEN, DANA, NOW, Salon


def look(salon: Salon) -> Overview:
    return read_overview(salon.services, salon.clock())


def change_account(salon: Salon, **values: object) -> None:
    with salon.services.database.write() as connection:
        connection.execute(update(accounts).values(**values))


def work_is_done(salon: Salon, next_due: datetime | None = None) -> None:
    """As after a good run: nothing to write, the next look later."""
    change_account(
        salon,
        outbound_due_at=None,
        inbound_due_at=next_due or salon.clock() + timedelta(minutes=1),
        outbound_good_at=salon.clock(),
        inbound_good_at=salon.clock(),
    )


def say(salon: Salon, status: Publishing) -> None:
    """The owner says how the app is published."""
    (client,) = list_clients(salon.services.database, salon.services.site_id, "google")
    write_publishing_status(salon.services.database, client.id, status)


def ends_of_dana(salon: Salon) -> tuple[datetime | None, bool]:
    agent = look(salon).agent(DANA)
    assert agent is not None
    return agent.consent_ends_at, agent.consent_end_is_inferred


def told_to_wordpress(salon: Salon) -> tuple[str, str]:
    query = sql(f"SELECT state, consent_ends_at FROM wp_latesync_accounts WHERE agent_id = {DANA}")
    with salon.services.site_engine.connect() as connection:
        state, ends_at = connection.execute(query).one()
    return state, str(ends_at or "")


def texts(overview: Overview) -> str:
    return " ".join(remedy.text for remedy in overview.remedies())


def test_agents_who_never_signed_in_need_nobody(salon: Salon) -> None:
    salon.upload()
    overview = look(salon)
    assert [agent.state for agent in overview.agents] == [NEVER] * 3
    assert not overview.needs_person


def test_missing_client_file_needs_a_person(salon: Salon) -> None:
    overview = look(salon)
    assert overview.client_problem == "no_client"
    assert overview.needs_person


def test_missing_site_is_a_finding_with_its_remedy(salon: Salon) -> None:
    salon.services.config = replace(salon.services.config, site_database_url=None)
    overview = look(salon)
    assert overview.site_problem == "not_configured"
    assert "LATESYNC_SITE_DATABASE_URL" in texts(overview)


def test_bookings_that_are_still_to_be_written_are_counted(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    agent = look(salon).agent(DANA)
    assert agent is not None
    assert (agent.state, agent.waiting, agent.mapped) == (AccountState.CONNECTED, 3, 0)


def test_nothing_waits_in_an_account_whose_work_is_done(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    work_is_done(salon)
    overview = look(salon)
    agent = overview.agent(DANA)
    assert agent is not None
    assert agent.waiting == 0
    assert not overview.needs_person


def test_only_the_asked_agent_is_read(salon: Salon) -> None:
    found = read_overview(salon.services, NOW, agent_id=DANA).agents
    assert [agent.agent_id for agent in found] == [DANA]
    assert read_overview(salon.services, NOW, agent_id=77).agents == ()


def test_signed_out_agent_needs_a_person(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    account = salon.account()
    assert account is not None
    record_needs_sign_in(salon.services.database, account.id, "sign_in_again", NOW)
    overview = look(salon)
    assert [remedy.agent_id for remedy in overview.remedies()] == [DANA]
    assert "3 bookings wait" in texts(overview)


def test_consent_that_ends_within_two_days_is_announced(salon: Salon) -> None:
    salon.upload(mode="testing", test_users=["dana@example.com"])
    salon.connect()
    work_is_done(salon)
    assert not look(salon).needs_person
    salon.clock.advance(timedelta(days=5, hours=1))
    work_is_done(salon)
    assert "Google signs Dana Reyes out on Fri 27 Nov, 14:0" in texts(look(salon))


def test_an_end_that_nobody_named_is_guessed_where_the_app_is_in_testing(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    work_is_done(salon)
    assert ends_of_dana(salon) == (None, False)
    say(salon, Publishing.TESTING)
    assert ends_of_dana(salon) == (NOW + timedelta(days=7), True)
    owner, agent = salon.owner(), salon.agent()
    for page in (owner.get("/agents/3"), owner.get("/"), agent.get("/connect")):
        assert "probably signs out on Fri 27 Nov, 14:05" in page.text
    salon.clock.advance(timedelta(days=5, hours=1))
    work_is_done(salon)
    assert "Google will probably sign Dana Reyes out on Fri 27 Nov, 14:05" in texts(look(salon))
    (shown,) = [found for found in status_report(look(salon))["agents"] if found["agent_id"] == DANA]
    assert shown["consent_end_is_inferred"] is True


def test_a_guess_that_did_not_come_true_is_dropped(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    say(salon, Publishing.TESTING)
    salon.clock.advance(timedelta(days=7))
    work_is_done(salon)
    assert ends_of_dana(salon) == (None, False)
    assert not look(salon).needs_person


def test_a_named_end_that_has_passed_is_no_sign_out_while_the_account_works(salon: Salon) -> None:
    salon.upload(mode="testing", test_users=["dana@example.com"])
    salon.connect()
    salon.clock.advance(timedelta(days=9))
    work_is_done(salon)
    overview = look(salon)
    assert not overview.needs_person
    page = salon.owner().get("/").text
    assert "still signed in; was to end on Fri 27 Nov, 14:0" in page
    assert "signed out" not in page


def test_wordpress_is_told_of_an_end_only_until_it_has_passed_or_signed_the_agent_out(salon: Salon) -> None:
    salon.upload(mode="testing", test_users=["dana@example.com"])
    salon.connect()
    teller = SiteTeller(salon.services.sync_parts())
    teller.tell(DANA)
    assert told_to_wordpress(salon)[0] == "connected"
    assert told_to_wordpress(salon)[1].startswith("2026-11-27 13:0")
    salon.clock.advance(timedelta(days=8))
    teller.tell(DANA)
    assert told_to_wordpress(salon) == ("connected", "")
    account = salon.account()
    assert account is not None
    record_needs_sign_in(salon.services.database, account.id, "sign_in_again", salon.clock())
    teller.tell(DANA)
    assert told_to_wordpress(salon)[0] == "needs_sign_in"
    assert told_to_wordpress(salon)[1].startswith("2026-11-27 13:0")


def test_whoever_signed_in_with_the_client_before_is_asked_to_sign_in_again(
    salon: Salon, capsys: pytest.CaptureFixture[str]
) -> None:
    salon.upload()
    salon.connect()
    work_is_done(salon)
    assert not look(salon).needs_person
    salon.upload()  # another client
    overview = look(salon)
    assert [remedy.agent_id for remedy in overview.remedies()] == [DANA]
    assert "The client file was replaced: ask Dana Reyes to sign in again." in texts(overview)
    assert [found["has_new_client"] for found in status_report(overview)["agents"]] == [False, False, True]
    print_status(overview)
    assert "The client file was replaced" in capsys.readouterr().out
    assert "Sign in again" in salon.owner().get("/agents/3").text
    salon.sign_in(salon.agent())
    work_is_done(salon)
    assert not look(salon).needs_person


def test_passing_trouble_is_no_alarm_until_it_lasts(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    work_is_done(salon)
    change_account(salon, problem="provider_unavailable", problem_since=NOW)
    assert not look(salon).needs_person
    salon.clock.advance(timedelta(minutes=31))
    work_is_done(salon)
    overview = look(salon)
    assert "Dana Reyes" in texts(overview)
    assert "3 bookings wait" in texts(overview)


def test_trouble_with_the_client_is_told_once_and_not_for_every_agent(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    work_is_done(salon)
    change_account(salon, problem="client_rejected", problem_since=NOW)
    record_client_problem(salon.services.database, 1, "client_rejected", NOW)
    assert len(look(salon).remedies()) == 1


def test_work_that_nobody_takes_up_is_reported(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    work_is_done(salon, next_due=NOW)
    assert look(salon).work_late_since is None
    salon.clock.advance(timedelta(minutes=3))
    assert look(salon).work_late_since is None
    salon.clock.advance(timedelta(seconds=1))
    assert look(salon).work_late_since == NOW
    assert "latesync worker" in texts(look(salon))
    change_account(salon, lease_owner="w", lease_until=salon.clock() + timedelta(seconds=30))
    assert look(salon).work_late_since is None


def test_a_busy_worker_is_not_taken_for_a_dead_one(salon: Salon) -> None:
    """With more due accounts than threads some wait for long; the lease on another shows that it lives."""
    salon.upload()
    salon.connect()
    salon.connect(BEN, "ben@example.com")
    work_is_done(salon, next_due=NOW)
    salon.clock.advance(timedelta(hours=1))
    lease_until = salon.clock() + timedelta(seconds=30)
    claimed = update(accounts).where(accounts.c.agent_id == BEN)
    with salon.services.database.write() as connection:
        connection.execute(
            claimed.values(
                lease_owner="w", lease_until=lease_until, outbound_due_at=None, inbound_due_at=None
            )
        )
    assert look(salon).work_late_since is None
    salon.clock.advance(timedelta(seconds=31))
    assert look(salon).work_late_since == NOW


def test_work_that_a_worker_died_over_is_reported(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    change_account(salon, outbound_due_at=None, inbound_due_at=None, lease_owner="w", lease_until=NOW)
    salon.clock.advance(timedelta(minutes=3))
    assert look(salon).work_late_since is None
    salon.clock.advance(timedelta(seconds=1))
    assert look(salon).work_late_since == NOW


def worker_in_doctor(salon: Salon) -> tuple[str, str]:
    (found,) = [found for found in examine(salon.services) if found.subject == "worker"]
    return found.verdict, found.sentence


def test_doctor_says_how_the_worker_does(salon: Salon) -> None:
    assert worker_in_doctor(salon) == ("note", "nothing is due yet: nobody has connected a calendar")
    salon.upload()
    salon.connect()
    assert worker_in_doctor(salon) == ("note", "no calendar was synchronised yet")
    work_is_done(salon)
    assert worker_in_doctor(salon) == ("fine", "no work is late; the last was done just now")
    salon.clock.advance(timedelta(minutes=5))
    verdict, sentence = worker_in_doctor(salon)
    assert (verdict, "the oldest work was due 4 minutes ago" in sentence) == ("wrong", True)


def test_account_of_an_agent_the_site_no_longer_shows_stays_visible(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    change_account(salon, agent_id=77)
    agent = look(salon).agent(77)
    assert agent is not None
    assert not agent.is_active


def test_zone_last_seen_is_understood_in_both_forms(salon: Salon) -> None:
    assert read_zone(salon.services) == Zone("UTC")
    for text, zone in (("Europe/Berlin", Zone("Europe/Berlin")), ("-05:30", Zone(None, -330))):
        record_site_zone(salon.services.database, salon.services.site_id, text, NOW)
        assert read_zone(salon.services) == zone
