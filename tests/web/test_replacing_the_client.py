"""Uploading another client file: what is said first, what becomes of whom, and how the old client goes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from latesync.client_overview import read_client_overview
from latesync.model import AccountState
from latesync.options import Publishing
from latesync.overview import Overview
from latesync.plan.failures import TOKEN_LIFE
from latesync.read_overview import read_overview
from latesync.sentences import consent_sentences, problem_sentences
from latesync.store.clients import ClientRow, list_clients, read_client, write_publishing_status
from latesync.store.consent_schema import client_uploads
from latesync.store.old_clients import forget_unused_clients
from latesync.store.quota import QuotaUse, add_quota_use, quota_used
from latesync.store.schema import accounts
from latesync.store.sites import write_setting
from latesync.sync.now import sync_now
from tests.web.salon import ANNA, BEN, DANA, Salon, post

HOUR = timedelta(hours=1)
MAIL = {DANA: "dana@example.com", BEN: "ben@example.com"}


def upload(owner: FlaskClient, content: dict[str, Any]) -> TestResponse:
    return post(owner, "/google", {"text": json.dumps(content)})


def clients(salon: Salon) -> list[ClientRow]:
    return list_clients(salon.services.database, salon.services.site_id, "google")


def current(salon: Salon) -> ClientRow:
    return clients(salon)[0]


def run(salon: Salon, *agent_ids: int) -> None:
    """What the worker does for these agents' accounts as soon as they are due."""
    rows = [account for agent_id in agent_ids if (account := salon.account(agent_id))]
    sync_now(salon.services.sync_parts(), "test", rows)


def pass_time(salon: Salon, by: timedelta = 2 * HOUR) -> None:
    """Long enough for access tokens to end, so that the next call asks Google for new ones."""
    salon.clock.advance(by)
    salon.google.advance(by)


def connect_two(salon: Salon) -> str:
    """Dana and Ben signed in with the first client; its id."""
    client_id = salon.upload()
    for agent_id, email in MAIL.items():
        salon.connect(agent_id, email)
    run(salon, DANA, BEN)
    return client_id


def replace_by_another(salon: Salon, owner: FlaskClient, **settings: Any) -> str:
    """The owner uploads another client's file and says yes; its id."""
    content = salon.client_json(**settings)
    assert upload(owner, content).location == "/google/replace"
    assert post(owner, "/google/replace").location == "/google"
    return str(content["web"]["client_id"])


def sign_in_anew(salon: Salon, agent_id: int) -> None:
    salon.clock.advance(timedelta(seconds=1))
    salon.google.advance(timedelta(seconds=1))
    salon.connect(agent_id, MAIL[agent_id])


def state(salon: Salon, agent_id: int) -> AccountState:
    account = salon.account(agent_id)
    assert account is not None
    return account.state


def client_of(salon: Salon, agent_id: int) -> int:
    account = salon.account(agent_id)
    assert account is not None
    return account.client_ref


def look(salon: Salon) -> Overview:
    return read_overview(salon.services, salon.clock())


def bookings(salon: Salon, email: str) -> int:
    events = salon.google.events(email)
    return sum("latesync_booking" in str(event.get("extendedProperties", "")) for event in events)


# --- what is said first -----------------------------------------------------------------------


def test_first_file_is_taken_at_once(salon: Salon) -> None:
    owner = salon.owner()
    assert upload(owner, salon.client_json()).location == "/google"
    assert "The client file is taken. Agents can sign in now." in owner.get("/google").text


def test_without_any_sign_in_another_file_is_taken_at_once(salon: Salon) -> None:
    salon.upload()
    content = salon.client_json()
    assert upload(salon.owner(), content).location == "/google"
    assert current(salon).client_id == content["web"]["client_id"]


def test_preview_names_who_goes_on_and_who_must_sign_in_and_changes_nothing(salon: Salon) -> None:
    first = connect_two(salon)
    owner = salon.owner()
    content = salon.client_json()
    page = owner.get(upload(owner, content).location or "").text
    assert "Replace the client?" in page
    assert "Ben Cho and Dana Reyes must sign in again, once." in page
    assert "do not delete that at Google yet" in page
    assert "Anna" not in page
    assert content["web"]["client_id"] in page
    assert content["web"]["client_secret"] not in page
    assert current(salon).client_id == first


def test_preview_of_a_new_secret_says_that_nobody_has_to_sign_in(salon: Salon) -> None:
    client_id = connect_two(salon)
    owner = salon.owner()
    rotated = salon.google.rotate_secret(client_id)
    page = owner.get(upload(owner, rotated).location or "").text
    assert "Nobody has to sign in again." in page
    assert "Ben Cho and Dana Reyes go on and will not notice." in page
    assert "must sign in again" not in page


def test_preview_says_that_a_refused_clients_agents_are_cut_off(salon: Salon) -> None:
    first = connect_two(salon)
    salon.google.change_client(first, deleted=True)
    pass_time(salon)
    run(salon, DANA)
    owner = salon.owner()
    page = owner.get(upload(owner, salon.client_json()).location or "").text
    assert "Ben Cho and Dana Reyes must sign in again: Google refuses the old client" in page


def test_keeping_the_old_one_changes_nothing_and_forgets_the_file(salon: Salon) -> None:
    first = connect_two(salon)
    owner = salon.owner()
    upload(owner, salon.client_json())
    assert post(owner, "/google/keep", page="/google/replace").location == "/google"
    assert current(salon).client_id == first
    assert _waiting(salon) == 0
    assert "The old client stays in use" in owner.get("/google").text
    assert owner.get("/google/replace").location == "/google"


def test_a_second_upload_takes_the_place_of_the_first(salon: Salon) -> None:
    connect_two(salon)
    owner = salon.owner()
    upload(owner, salon.client_json())
    second = salon.client_json()
    upload(owner, second)
    assert _waiting(salon) == 1
    assert second["web"]["client_id"] in owner.get("/google/replace").text


def test_yes_after_an_hour_is_too_late_and_said_so(salon: Salon) -> None:
    first = connect_two(salon)
    owner = salon.owner()
    upload(owner, salon.client_json())
    page = owner.get("/google/replace")
    salon.clock.advance(HOUR)
    assert "Replace" in page.text
    answer = post(owner, "/google/replace", page="/google")
    assert answer.location == "/google"
    assert "Upload it again" in owner.get("/google").text
    assert current(salon).client_id == first


def test_yes_pressed_twice_is_done_once(salon: Salon) -> None:
    connect_two(salon)
    owner = salon.owner()
    upload(owner, salon.client_json())
    assert post(owner, "/google/replace").location == "/google"
    assert post(owner, "/google/replace", page="/google").location == "/google"
    assert len(clients(salon)) == 2


def test_another_browser_sees_nothing_of_the_waiting_file(salon: Salon) -> None:
    connect_two(salon)
    upload(salon.owner(), salon.client_json())
    assert salon.owner().get("/google/replace").location == "/google"
    assert salon.agent().get("/google/replace").status_code == 403


def test_waiting_file_is_pointed_at_on_the_google_page(salon: Salon) -> None:
    connect_two(salon)
    owner = salon.owner()
    upload(owner, salon.client_json())
    assert 'href="/google/replace"' in owner.get("/google").text


def test_very_same_file_is_said_to_be_in_use(salon: Salon) -> None:
    client_id = connect_two(salon)
    owner = salon.owner()
    assert upload(owner, salon.google.client_json(client_id)).location == "/google"
    assert "This very file is in use already; nothing was changed." in owner.get("/google").text


def test_very_same_file_of_a_refused_client_says_what_google_has_against_it(salon: Salon) -> None:
    client_id = connect_two(salon)
    content = salon.google.client_json(client_id)
    salon.google.rotate_secret(client_id)
    pass_time(salon)
    run(salon, DANA)
    owner = salon.owner()
    upload(owner, content)
    assert "nothing was changed. Google does not accept the client file" in owner.get("/google").text


# --- what becomes of whom ---------------------------------------------------------------------


def test_a_rotated_secret_goes_unnoticed(salon: Salon) -> None:
    client_id = connect_two(salon)
    rotated = salon.google.rotate_secret(client_id)
    pass_time(salon)
    run(salon, DANA, BEN)
    assert len(look(salon).remedies()) == 1
    owner = salon.owner()
    upload(owner, rotated)
    post(owner, "/google/replace")
    assert look(salon).remedies() == [], "what was stopped is about to be tried again"
    run(salon, DANA, BEN)
    assert {state(salon, DANA), state(salon, BEN)} == {AccountState.CONNECTED}
    assert look(salon).client_problem is None
    assert [account.problem for agent in MAIL if (account := salon.account(agent))] == [None, None]


def test_bookings_go_on_with_the_old_client_and_new_sign_ins_use_the_new(salon: Salon) -> None:
    connect_two(salon)
    old, owner = current(salon).id, salon.owner()
    for event in salon.google.events(MAIL[BEN]):
        salon.google.delete_event(MAIL[BEN], event["id"])
    new_id = replace_by_another(salon, owner)
    assert "To sign in again, once: Ben Cho and Dana Reyes." in owner.get("/google").text
    pass_time(salon)
    run(salon, DANA, BEN)
    assert bookings(salon, MAIL[BEN]) > 0, "put back with the old client"
    assert {state(salon, DANA), state(salon, BEN)} == {AccountState.CONNECTED}
    assert {client_of(salon, DANA), client_of(salon, BEN)} == {old}
    sign_in_anew(salon, DANA)
    assert current(salon).client_id == new_id
    assert (client_of(salon, DANA), client_of(salon, BEN)) == (current(salon).id, old)


def test_dashboard_asks_exactly_those_of_the_old_client_to_sign_in_again(salon: Salon) -> None:
    connect_two(salon)
    replace_by_another(salon, salon.owner())
    sign_in_anew(salon, DANA)
    marked = {agent.agent_id: agent.has_new_client for agent in look(salon).agents}
    assert marked == {ANNA: False, BEN: True, DANA: False}


def test_old_client_goes_with_the_last_who_moved(salon: Salon) -> None:
    connect_two(salon)
    owner = salon.owner()
    replace_by_another(salon, owner)
    pass_time(salon)
    sign_in_anew(salon, DANA)
    assert "1 account still uses it" in owner.get("/google").text
    assert len(clients(salon)) == 2
    sign_in_anew(salon, BEN)
    assert [client.is_current for client in clients(salon)] == [True]
    assert "Old client" not in owner.get("/google").text


def test_old_client_deleted_too_early_signs_out_exactly_who_had_not_moved(salon: Salon) -> None:
    old_id = connect_two(salon)
    replace_by_another(salon, salon.owner())
    sign_in_anew(salon, DANA)
    salon.google.change_client(old_id, deleted=True)
    pass_time(salon)
    run(salon, DANA, BEN)
    assert (state(salon, DANA), state(salon, BEN)) == (AccountState.CONNECTED, AccountState.NEEDS_SIGN_IN)
    seen = look(salon)
    assert seen.client_problem is None
    assert [remedy.agent_id for remedy in seen.remedies()] == [BEN]


def test_secret_of_an_old_client_that_nobody_works_with_is_wiped(salon: Salon) -> None:
    old_id = connect_two(salon)
    replace_by_another(salon, salon.owner())
    salon.google.change_client(old_id, deleted=True)
    pass_time(salon)
    run(salon, DANA, BEN)
    services = salon.services
    assert forget_unused_clients(
        services.database, services.box, services.site_id, "google", salon.clock()
    ) == 0  # fmt: skip
    assert read_client(services.database, services.box, client_of(salon, BEN)).client_secret == ""
    sign_in_anew(salon, DANA)
    sign_in_anew(salon, BEN)
    assert len(clients(salon)) == 1


def test_uploading_another_file_for_a_deleted_client_asks_for_new_sign_ins_at_once(salon: Salon) -> None:
    old_id = connect_two(salon)
    salon.google.change_client(old_id, deleted=True)
    pass_time(salon)
    run(salon, DANA, BEN)
    assert {state(salon, DANA), state(salon, BEN)} == {AccountState.CONNECTED}
    replace_by_another(salon, salon.owner())
    with salon.services.database.read() as connection:
        due = connection.scalars(select(accounts.c.inbound_due_at)).all()
    assert set(due) == {salon.clock()}, "nobody waits for the pause to end"
    run(salon, DANA, BEN)
    assert {state(salon, DANA), state(salon, BEN)} == {AccountState.NEEDS_SIGN_IN}
    sign_in_anew(salon, DANA)
    assert state(salon, DANA) is AccountState.CONNECTED


def test_going_back_to_the_first_client_needs_nobody(salon: Salon) -> None:
    first = connect_two(salon)
    owner = salon.owner()
    content = salon.google.client_json(first)
    replace_by_another(salon, owner)
    page = owner.get(upload(owner, content).location or "").text
    assert "Ben Cho and Dana Reyes go on and will not notice." in page
    post(owner, "/google/replace")
    assert current(salon).client_id == first
    assert not any(agent.has_new_client for agent in look(salon).agents)


# --- one alarm --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "problem"),
    [
        ("rotated", "client_rejected"),
        ("deleted", "client_deleted"),
        ("api off", "api_disabled"),
        ("policy", "org_blocked"),
        ("unauthorized", "client_unauthorized"),
    ],
)
def test_a_refused_client_is_one_alarm_and_signs_nobody_out(salon: Salon, trouble: str, problem: str) -> None:
    client_id = connect_two(salon)
    cause(salon, trouble, client_id)
    pass_time(salon)
    run(salon, DANA, BEN)
    for _ in range(2):
        seen = look(salon)
        assert seen.client_problem == problem
        assert [remedy.text for remedy in seen.remedies()] == [
            problem_sentences.client_problem(problem, provider="google")
        ]
        assert {state(salon, DANA), state(salon, BEN)} == {AccountState.CONNECTED}
        salon.clock.advance(HOUR)  # also after a time at which trouble that should have passed is told
        salon.google.advance(HOUR)
        run(salon, DANA, BEN)


@pytest.mark.parametrize("trouble", ["deleted", "api off", "policy"])
def test_alarm_ends_by_itself_when_google_accepts_again(salon: Salon, trouble: str) -> None:
    client_id = connect_two(salon)
    cause(salon, trouble, client_id)
    pass_time(salon)
    run(salon, DANA, BEN)
    salon.google.change_client(client_id, deleted=False)
    salon.google.set_switches(api_enabled=True)
    for email in MAIL.values():
        salon.google.change_user(email, admin_blocks=False)
    salon.google.clear_faults()
    pass_time(salon, timedelta(minutes=10))
    run(salon, DANA)
    assert look(salon).client_problem is not None, "Ben’s account still meets it, as far as is known"
    run(salon, BEN)
    run(salon, DANA)
    assert look(salon).client_problem is None
    assert look(salon).remedies() == []


def test_an_organisation_that_blocks_one_agent_does_not_make_the_alarm_come_and_go(salon: Salon) -> None:
    connect_two(salon)
    salon.google.change_user(MAIL[BEN], admin_blocks=True)
    pass_time(salon)
    run(salon, BEN)
    run(salon, DANA)
    assert look(salon).client_problem == "org_blocked"
    assert [remedy.agent_id for remedy in look(salon).remedies()] == [None]


def test_a_client_that_is_refused_to_one_account_alone_asks_that_agent_to_sign_in(salon: Salon) -> None:
    connect_two(salon)
    refuse_refresh_of(salon, BEN)
    pass_time(salon)
    run(salon, BEN)
    run(salon, DANA)
    assert state(salon, BEN) is AccountState.CONNECTED, "an old token could explain that it works for Dana"
    assert look(salon).client_problem == "client_unauthorized"
    pass_time(salon, TOKEN_LIFE + timedelta(minutes=1))
    run(salon, DANA)
    run(salon, BEN)
    run(salon, DANA)
    assert (state(salon, DANA), state(salon, BEN)) == (AccountState.CONNECTED, AccountState.NEEDS_SIGN_IN)
    assert look(salon).client_problem is None


def cause(salon: Salon, trouble: str, client_id: str) -> None:
    if trouble == "rotated":
        salon.google.rotate_secret(client_id)
    elif trouble == "deleted":
        salon.google.change_client(client_id, deleted=True)
    elif trouble == "api off":
        salon.google.set_switches(api_enabled=False)
    elif trouble == "policy":
        for email in MAIL.values():
            salon.google.change_user(email, admin_blocks=True)
    else:
        for agent_id in MAIL:
            refuse_refresh_of(salon, agent_id)


def refuse_refresh_of(salon: Salon, agent_id: int) -> None:
    """Google takes the agent's refresh token for another client's from now on."""
    for token in salon.google.refresh_tokens.values():
        if token.email == MAIL[agent_id]:
            token.client_id = "another.apps.googleusercontent.com"


# --- how the app is published -----------------------------------------------------------------


def say(owner: FlaskClient, status: str) -> str:
    assert post(owner, "/google/publishing", {"publishing_status": status}, page="/google").status_code == 302
    return owner.get("/google").text


def test_owner_says_how_the_app_is_published(salon: Salon) -> None:
    salon.upload()
    owner = salon.owner()
    assert consent_sentences.publishing_said(Publishing.INTERNAL) in say(owner, "internal")
    assert current(salon).publishing_status is Publishing.INTERNAL
    say(owner, "unknown")
    assert current(salon).publishing_status is None
    assert "Choose one of the four" in say(owner, "on the moon")


def test_what_is_seen_contradicts_what_was_said(salon: Salon) -> None:
    salon.upload(mode="testing", test_users=list(MAIL.values()))
    salon.connect(DANA)
    owner = salon.owner()
    page = say(owner, "production")
    words = consent_sentences.judgement_words("said_published_but_testing", 0)
    assert words is not None
    assert words.title in page


def test_after_publishing_midway_who_must_renew_once_is_named(salon: Salon) -> None:
    client_id = salon.upload(mode="testing", test_users=list(MAIL.values()))
    salon.connect(DANA)
    salon.google.change_client(client_id, mode="production")
    pass_time(salon)
    salon.connect(BEN, MAIL[BEN])
    page = salon.owner().get("/google").text
    assert "To sign in once more: Dana Reyes." in page
    assert consent_sentences.NOT_BACK_TO_TESTING in page


def test_what_the_set_up_was_told_before_there_was_a_client_is_taken_over(salon: Salon) -> None:
    write_setting(salon.services.database, salon.services.site_id, "publishing_status", "testing")
    salon.upload()
    assert current(salon).publishing_status is Publishing.TESTING


# --- the quota --------------------------------------------------------------------------------


def test_what_was_asked_of_google_is_counted_for_the_client_that_asked(salon: Salon) -> None:
    connect_two(salon)
    old = current(salon).id
    replace_by_another(salon, salon.owner())
    sign_in_anew(salon, DANA)
    salon.services.calendars.record_quota_use()
    asked = used(salon, old)
    assert asked.units > 4
    assert 0 < asked.busiest_minute <= asked.units
    run(salon, DANA)
    salon.services.calendars.record_quota_use()
    assert used(salon, old) == asked
    assert used(salon, current(salon).id).units > 0


def test_google_page_shows_what_is_used_of_the_quota_and_where_the_limits_stand(salon: Salon) -> None:
    salon.upload()
    database, client = salon.services.database, current(salon)
    hour = salon.clock().replace(minute=0, second=0, microsecond=0)
    add_quota_use(database, client.id, hour, 12_340, 300)
    add_quota_use(database, client.id, hour - timedelta(hours=25), 999_999, 9_999)
    page = salon.owner().get("/google").text
    line = read_client_overview(salon.services, "google", salon.clock()).quota_line()
    for figure in ("12,340", "1,000,000", "1 %", "300", "10,000"):
        assert figure in line
    assert line in page
    assert "Google may give new or trial projects lower limits" in page


def used(salon: Salon, client_ref: int) -> QuotaUse:
    return quota_used(salon.services.database, client_ref, salon.clock() - timedelta(hours=24))


def _waiting(salon: Salon) -> int:
    with salon.services.database.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(client_uploads)) or 0)


def test_publishing_said_of_the_old_client_goes_on_only_within_its_project(salon: Salon) -> None:
    connect_two(salon)
    write_publishing_status(salon.services.database, current(salon).id, Publishing.INTERNAL)
    owner = salon.owner()
    replace_by_another(salon, owner)
    assert current(salon).publishing_status is Publishing.INTERNAL
    replace_by_another(salon, owner, project="another-project")
    assert current(salon).publishing_status is None
