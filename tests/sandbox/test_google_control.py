"""The control API, keeping the world in a file, and the entry point."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from latesync.sandbox.google import GoogleWorld, create_google_app

from .conftest import ANNA, CALENDAR, CALLBACK, NOON, Google, an_event, refused


def control(google: Google, verb: str, path: str, body: Any = None) -> Any:
    response = requests.request(verb, f"{google.server.url}/sandbox/{path}", json=body, timeout=10)
    assert response.ok, response.text
    return response.json()


def test_another_process_can_set_up_everything(google: Google) -> None:
    control(
        google, "POST", "users", {"email": "dora@example.test", "name": "Dora", "time_zone": "Asia/Tokyo"}
    )
    client = control(google, "POST", "clients", {"redirect_uris": [CALLBACK], "mode": "testing"})["web"]
    assert client["token_uri"] == f"{google.server.url}/token"
    control(google, "PATCH", f"clients/{client['client_id']}", {"test_users": ["dora@example.test"]})
    rotated = control(google, "POST", f"clients/{client['client_id']}/rotate-secret")["web"]
    assert rotated["client_secret"] != client["client_secret"]
    grant = {"email": "dora@example.test", "client_id": client["client_id"], "scopes": [CALENDAR]}
    assert control(google, "POST", "grants", grant)["refresh_token_expires_in"] == 604_799
    control(google, "PATCH", "users/dora@example.test", {"declines": True})
    control(google, "POST", "users/dora@example.test/revoke")
    seen = control(google, "GET", "world")
    assert [user["email"] for user in seen["users"]][-1] == "dora@example.test"


def test_another_process_can_act_as_the_calendars_owner(google: Google) -> None:
    path = f"calendars/{ANNA}/events"
    control(google, "POST", path, an_event(id="theirs1"))
    control(google, "PATCH", f"{path}/theirs1", {"summary": "Changed"})
    assert [event["summary"] for event in control(google, "GET", path)] == ["Changed"]
    control(google, "DELETE", f"{path}/theirs1")
    assert control(google, "GET", path) == []
    assert [event["status"] for event in control(google, "GET", f"{path}?deleted=true")] == ["cancelled"]


def test_another_process_can_make_trouble_and_move_the_clock(google: Google) -> None:
    token = google.listed()["nextSyncToken"]
    control(google, "POST", f"calendars/{ANNA}/kill-sync-tokens")
    assert refused(lambda: google.listed(syncToken=token))[0] == 410
    control(google, "PATCH", "switches", {"page_size_cap": 1})
    control(google, "POST", "faults", {"kind": "status", "status": 500})
    assert refused(google.listed)[0] == 500
    control(google, "DELETE", "faults")
    control(google, "PUT", "latency", {"seconds": 0})
    assert control(google, "POST", "clock", {"advance_s": 60})["now"] == NOON.timestamp() + 60
    assert control(google, "GET", "requests")["counts"]["events.list 410"] == 1
    control(google, "DELETE", "requests")
    assert control(google, "GET", "mails") == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("switches", {"nonsense": 1}, 400), ("switches", {"quotas": 1}, 400), ("users/nobody@x", {}, 404)],
)
def test_a_mistake_gets_a_sentence(google: Google, path: str, body: dict[str, Any], status: int) -> None:
    response = requests.patch(f"{google.server.url}/sandbox/{path}", json=body, timeout=10)
    assert response.status_code == status
    assert response.json()["error"].endswith(".")


def test_forms_from_foreign_pages_and_other_machines_are_refused(google: Google) -> None:
    form = requests.post(f"{google.server.url}/sandbox/users", data={"email": "x@y"}, timeout=10)
    assert form.status_code == 415
    client = create_google_app(google.world).test_client()
    assert client.get("/sandbox/world", environ_base={"REMOTE_ADDR": "10.0.0.7"}).status_code == 403


def test_the_world_survives_in_its_file(google: Google, tmp_path: Path) -> None:
    path = tmp_path / "google.json"
    google.world.save_after_changes(path)
    google.insert(id="booking1", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    google.world.delete_event(ANNA, "booking1_20261104T090000Z")
    token = google.listed()["nextSyncToken"]
    google.insert(id="booking2")
    again = GoogleWorld.load(path)
    assert again.events(ANNA, include_deleted=True) == google.world.events(ANNA, include_deleted=True)
    assert again.refresh_tokens == google.world.refresh_tokens
    assert again.calendar(ANNA).changes.since(0) == google.world.calendar(ANNA).changes.since(0)
    assert again.now() == NOON.timestamp()
    assert [item["id"] for item in google.listed(syncToken=token)["items"]] == ["booking2"]


def test_the_clock_can_stand_and_run(google: Google) -> None:
    world = GoogleWorld()
    world.freeze(NOON)
    world.advance(timedelta(days=1))
    world.clock.run()
    assert world.now() >= NOON.timestamp() + 86_400


def test_the_entry_point_serves_and_names_its_address(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "latesync.sandbox.google",
        "--port",
        "0",
        "--state",
        str(tmp_path / "g.json"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found is not None
        assert requests.get(f"{found.group()}/sandbox/world", timeout=10).json()["users"] == []
        process.terminate()
    assert (tmp_path / "g.json").exists()
