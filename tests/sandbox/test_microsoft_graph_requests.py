"""Who may ask, how often and how often: microsoft-graph.md §10, §11."""

from datetime import timedelta

import pytest
import requests

from latesync.sandbox.microsoft import outlook

from .graph_stage import ANNA, APP, NOON, NOTHING, Graph, an_event, refusal, signed_in

BEN = "ben@example.test"


def test_an_error_names_its_code_and_the_request(graph: Graph) -> None:
    """§11."""
    answer = graph.send("GET", f"me/events/{NOTHING}", client_request_id="mine")
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "innerError"}
    assert error["innerError"]["date"] == f"{NOON:%Y-%m-%dT%H:%M:%S}"
    assert error["innerError"]["client-request-id"] == "mine" == answer.headers["client-request-id"]
    assert error["innerError"]["request-id"] == answer.headers["request-id"]


@pytest.mark.parametrize("token", ["unknown", ""])
def test_an_unknown_token_is_refused(graph: Graph, token: str) -> None:
    answer = graph.send("GET", "me", Authorization=f"Bearer {token}")
    assert refusal(answer) == (401, "InvalidAuthenticationToken")


def test_an_expired_token_is_refused_and_a_challenged_one_with_its_claims(graph: Graph) -> None:
    graph.world.change_person(ANNA, claims_challenge='{"access_token":{}}')
    challenged = graph.send("GET", "me")
    assert (challenged.status_code, "claims=" in challenged.headers["WWW-Authenticate"]) == (401, True)
    graph.world.change_person(ANNA, claims_challenge="")
    graph.world.advance(timedelta(days=366))
    expired = graph.send("GET", "me")
    assert (refusal(expired)[0], "claims=" in expired.headers["WWW-Authenticate"]) == (401, False)


@pytest.mark.parametrize("scopes", [["User.Read"], ["Calendars.Read", "User.Read"]])
def test_the_scope_to_write_calendars_is_demanded(graph: Graph, scopes: list[str]) -> None:
    """M6."""
    token = signed_in(graph.world, ANNA, "poor", scopes=scopes)
    bearer = f"Bearer {token}"
    assert refusal(graph.send("GET", "me/events", Authorization=bearer)) == (403, "ErrorAccessDenied")
    assert graph.send("GET", "me", Authorization=bearer).status_code == 200


@pytest.mark.parametrize("status", [403, 404])
def test_an_account_without_a_mailbox_says_so(graph: Graph, status: int) -> None:
    """§11."""
    graph.world.set_switches(missing_mailbox_status=status)
    graph.world.set_mailbox_enabled(ANNA, False)
    assert refusal(graph.send("GET", "me/calendars")) == (status, "MailboxNotEnabledForRESTAPI")
    assert graph.send("GET", "me").status_code == 200


def test_a_calendar_shows_what_may_be_done_with_it(graph: Graph) -> None:
    shared = {"name": "Boss", "address": "boss@example.test"}
    made = outlook.make_calendar(graph.mailbox, "Boss", can_edit=False, owner=shared)
    for number in range(12):
        outlook.make_calendar(graph.mailbox, f"Further {number}")
    listed, _ = graph.all_pages("me/calendars")
    assert (len(listed), listed[0]["isDefaultCalendar"]) == (14, True)
    seen = next(one for one in listed if one["id"] == made["id"])
    assert (seen["canEdit"], seen["canShare"], seen["owner"]) == (False, False, shared)
    assert graph.get("me/calendar")["id"] == graph.main
    assert graph.get(f"me/calendars/{made['id']}")["allowedOnlineMeetingProviders"] == ["teamsForBusiness"]


def test_a_calendar_that_cannot_be_edited_refuses_and_its_owner_does_not(graph: Graph) -> None:
    made = outlook.make_calendar(graph.mailbox, "Boss", can_edit=False)["id"]
    assert refusal(graph.send("POST", f"me/calendars/{made}/events", an_event())) == (
        403,
        "ErrorAccessDenied",
    )
    event = outlook.put_event(graph.mailbox, an_event(), made)
    assert graph.send("DELETE", f"me/events/{event['id']}").status_code == 403


def test_a_calendar_can_be_made_and_deleted_but_not_the_default_one(graph: Graph) -> None:
    made = graph.send("POST", "me/calendars", {"name": "Work"}).json()["id"]
    event = graph.create(f"me/calendars/{made}/events")
    assert graph.send("POST", "me/calendars", {"name": "Work"}).status_code == 409
    assert graph.send("DELETE", f"me/calendars/{made}").status_code == 204
    assert refusal(graph.send("GET", f"me/calendars/{made}/events")) == (404, "ErrorItemNotFound")
    assert graph.send("GET", f"me/events/{event['id']}").status_code == 404
    assert graph.send("DELETE", f"me/calendars/{graph.main}").status_code == 403


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "me/messages", 400),
        ("PUT", f"me/events/{NOTHING}", 400),
        ("GET", "me/events/a b", 400),
        ("GET", f"me/calendars/{NOTHING}/events", 404),
        ("GET", "me/calendars/primary/events", 400),
        ("GET", "me/calendarView?startDateTime=2026-11-01", 400),
        ("GET", "me/calendarView?startDateTime=soon&endDateTime=later", 400),
        ("GET", "me/calendarView?startDateTime=2026-11-02T00:00:00Z&endDateTime=2026-11-01T00:00:00Z", 400),
    ],
)
def test_what_is_not_offered_or_not_well_formed_is_refused(
    graph: Graph, verb: str, path: str, status: int
) -> None:
    assert graph.send(verb, path).status_code == status


@pytest.mark.parametrize(
    "preference", ["handling=lenient", 'IdType="Mutable"', 'outlook.timezone="Mars"', "=", "a b"]
)
def test_an_unknown_preference_is_refused(graph: Graph, preference: str) -> None:
    assert graph.send("GET", "me/calendars", Prefer=preference).status_code == 400


def test_a_body_must_be_json(graph: Graph) -> None:
    address = f"{graph.url}/v1.0/me/events"
    bearer = {"Authorization": f"Bearer {graph.token}"}
    assert requests.post(address, data="{}", headers=bearer, timeout=10).status_code == 415
    bearer["Content-Type"] = "application/json"
    assert requests.post(address, data="{", headers=bearer, timeout=10).status_code == 400


def test_the_fifth_request_at_once_is_refused(graph: Graph) -> None:
    """L1, L3."""
    key = f"{APP} {graph.world.person(ANNA).oid}"
    for _ in range(4):
        graph.world.limits.enter(graph.world.switches, APP, graph.world.person(ANNA).oid, graph.world.now())
    refused = graph.send("GET", "me/calendars")
    assert refusal(refused) == (429, "ApplicationThrottled")
    assert refused.headers["Retry-After"] == "10"
    other = signed_in(graph.world, ANNA, "other-app", app="another-app")
    assert graph.send("GET", "me/calendars", Authorization=f"Bearer {other}").status_code == 200
    graph.world.limits.leave(key)
    assert graph.send("GET", "me/calendars").status_code == 200


def test_a_place_is_free_again_however_the_request_ended(graph: Graph) -> None:
    """L1."""
    key = f"{APP} {graph.world.person(ANNA).oid}"
    graph.get("me")
    graph.send("GET", f"me/events/{NOTHING}")
    graph.world.add_fault("status", status=503)
    graph.send("GET", "me")
    graph.world.add_fault("lost_answer")
    with pytest.raises(requests.ConnectionError):
        graph.send("GET", "me")
    assert (graph.world.limits.at_once[key], graph.world.limits.most_at_once[key]) == (0, 1)


@pytest.mark.parametrize("wrong", ["neverwas", "0123456789abcdefghijklmnopqrstuv"])
def test_an_id_that_exchange_never_gives_is_malformed_or_not_found_by_switch(
    graph: Graph, wrong: str
) -> None:
    """§11."""
    assert refusal(graph.send("GET", f"me/events/{wrong}")) == (400, "ErrorInvalidIdMalformed")
    graph.world.set_switches(malformed_ids_are_refused=False)
    assert refusal(graph.send("GET", f"me/events/{wrong}")) == (404, "ErrorItemNotFound")


def test_too_many_requests_in_ten_minutes_are_refused_until_they_are_over(graph: Graph) -> None:
    """L1, L3."""
    graph.world.set_switches(requests_per_ten_minutes=3)
    for _ in range(3):
        assert graph.send("GET", "me").status_code == 200
    refused = graph.send("GET", "me")
    assert refusal(refused) == (429, "TooManyRequests")
    graph.world.advance(timedelta(minutes=11))
    assert graph.send("GET", "me").status_code == 200


def test_who_asks_before_the_time_told_waits_longer(graph: Graph) -> None:
    """L3."""
    graph.world.throttle(ANNA, 30)
    assert graph.send("GET", "me").headers["Retry-After"] == "30"
    graph.world.advance(timedelta(seconds=20))
    assert graph.send("GET", "me").status_code == 429
    graph.world.advance(timedelta(seconds=20))
    assert graph.send("GET", "me").status_code == 429
    graph.world.advance(timedelta(seconds=31))
    assert graph.send("GET", "me").status_code == 200


def test_somebody_elses_mailbox_is_not_throttled_along(graph: Graph) -> None:
    """L1."""
    graph.world.add_person(BEN)
    token = signed_in(graph.world, BEN, "bens-token")
    graph.world.throttle(ANNA, 30)
    assert graph.send("GET", "me/calendars", Authorization=f"Bearer {token}").status_code == 200


def test_the_control_api_does_what_a_person_does(graph: Graph) -> None:
    base = f"{graph.url}/sandbox/persons/{ANNA}"
    made = requests.post(f"{base}/events", json=an_event(), timeout=10).json()
    work = requests.post(f"{base}/calendars", json={"name": "Work"}, timeout=10).json()
    requests.patch(f"{base}/events/{made['id']}", json={"subject": "New"}, timeout=10)
    requests.post(f"{base}/events/{made['id']}/move", json={"calendar_id": work["id"]}, timeout=10)
    requests.post(f"{base}/events/{made['id']}/copy", json={}, timeout=10)
    listed = requests.get(f"{base}/events", params={"calendar": work["id"]}, timeout=10).json()
    assert [event["subject"] for event in listed] == ["New", "New"]
    assert requests.post(f"{base}/events", json={"summary": "x"}, timeout=10).status_code == 400
    requests.post(f"{base}/throttle", json={"seconds": 5}, timeout=10)
    assert graph.send("GET", "me").status_code == 429
