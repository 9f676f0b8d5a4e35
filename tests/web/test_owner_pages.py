"""The dashboard, an agent as the owner sees them, and the upload of Google's client file."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from latesync.model import UnreadableBooking
from latesync.store.accounts import record_needs_sign_in
from latesync.store.held import HeldOperation, replace_held
from latesync.store.runs import record_run
from latesync.store.unreadable import replace_unreadable
from tests.site.cutting import odd_server
from tests.web.salon import DANA, NOW, Salon, open_salon, post

CALLBACK = "http://localhost:8080/oauth/google/callback"


def web(**changes: Any) -> dict[str, Any]:
    return {"web": {"client_id": "x.apps.googleusercontent.com", "client_secret": "GOCSPX-x", **changes}}


def test_fresh_dashboard_leads_to_the_set_up_and_shows_the_sites_agents(salon: Salon) -> None:
    page = salon.owner().get("/").text
    assert "Set-up: 1 of 4 done, go on" in page
    for name in ("Anna Berg", "Ben Cho", "Dana Reyes"):
        assert name in page


def test_dashboard_says_when_all_is_well(salon: Salon) -> None:
    salon.upload()
    page = salon.owner().get("/").text
    assert "Nothing needs you" in page


def test_dashboard_names_who_must_sign_in_again_and_what_waits(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    account = salon.account()
    assert account is not None
    record_needs_sign_in(salon.services.database, account.id, "sign_in_again", salon.clock())
    page = salon.owner().get("/").text
    assert "One thing needs you" in page
    assert "Google has signed Dana Reyes out. 3 bookings wait." in page


def test_dashboard_works_while_the_site_is_away(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    (salon.services.config.home.parent / "site.db").rename(salon.services.config.home / "away.db")
    salon.services.site.doubt()
    salon.services.site_engine.dispose()
    page = salon.owner().get("/").text
    assert "Agent 3" in page
    assert "latesync doctor" in page


def test_agent_page_shows_runs_and_what_needs_attention(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    account = salon.account()
    assert account is not None
    database, site_id = salon.services.database, salon.services.site_id
    record_run(
        database, site_id=site_id, account_id=account.id, started_at=NOW, ended_at=NOW, outcome="fine",
        events_created=3,
    )  # fmt: skip
    held = [HeldOperation(number, "delete", "booking removed") for number in range(1, 43)]
    replace_held(database, account.id, held, NOW)
    replace_unreadable(database, site_id, DANA, [UnreadableBooking(99, DANA, "no_start_date")], NOW)
    page = salon.owner().get(f"/agents/{DANA}").text
    assert "Fri 20 Nov, 14:05" in page
    assert "3 new" in page
    assert "delete 42 events at once" in page
    assert "Booking 99 cannot be written: the start date is missing" in page


def test_agent_page_says_what_became_of_bookings_and_what_was_not_done(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    account = salon.account()
    assert account is not None
    database, site_id = salon.services.database, salon.services.site_id
    each: tuple[dict[str, Any], ...] = (
        {"events_updated": 2, "bookings_moved": 1, "bookings_cancelled": 2},
        {"operations_held": 11},
        {"events_created": 1},
    )
    for counts in each:
        record_run(
            database, site_id=site_id, account_id=account.id, started_at=NOW, ended_at=NOW, outcome="fine",
            **counts,
        )  # fmt: skip
    cells = re.findall(
        r'data-label="Result"><span>(.*?)</span></td>', salon.owner().get(f"/agents/{DANA}").text
    )
    assert cells == [
        "fine",
        "partly done<small>11 changes not made: unusually many at once</small>",
        "fine<small>1 booking moved, 2 bookings cancelled</small>",
    ]


def test_unknown_agent_is_no_page(salon: Salon) -> None:
    assert salon.owner().get("/agents/77").status_code == 404


def test_new_link_is_shown_once_and_replaces_the_old_one(salon: Salon) -> None:
    old = salon.personal_link()
    owner = salon.owner()
    answer = post(owner, f"/agents/{DANA}/link", page=f"/agents/{DANA}")
    assert answer.status_code == 302
    page = owner.get(f"/agents/{DANA}").text
    found = re.search(r"http://localhost:8080(/connect/[\w.-]+)", page)
    assert found
    assert salon.visitor().get(found[1]).location == "/connect"
    assert salon.visitor().get(old).status_code == 410
    assert "/connect/" not in owner.get(f"/agents/{DANA}").text


def test_sync_now_makes_the_account_due(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    owner = salon.owner()
    assert post(owner, f"/agents/{DANA}/sync", page=f"/agents/{DANA}").status_code == 302
    assert "LateSync looks now" in owner.get(f"/agents/{DANA}").text


def test_sync_now_without_an_account_says_so(salon: Salon) -> None:
    owner = salon.owner()
    post(owner, f"/agents/{DANA}/sync", page=f"/agents/{DANA}")
    assert "Nothing is connected" in owner.get(f"/agents/{DANA}").text


def test_owner_disconnects_an_agent_after_a_question(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    owner = salon.owner()
    assert "Disconnect Dana Reyes" in owner.get(f"/agents/{DANA}/disconnect").text
    assert salon.account() is not None
    post(owner, f"/agents/{DANA}/disconnect")
    assert salon.account() is None
    assert owner.get(f"/agents/{DANA}/disconnect").status_code == 404


def test_google_page_shows_the_exact_lines_to_paste_and_the_test_users(salon: Salon) -> None:
    page = salon.owner().get("/google").text
    assert f">{CALLBACK}<" in page
    assert ">http://localhost:8080<" in page
    assert "anna@salon-linden.example\nben@salon-linden.example\ndana@salon-linden.example" in page


def test_uploaded_file_is_taken_and_its_client_id_shown(salon: Salon) -> None:
    content = salon.client_json()
    owner = salon.owner()
    file = (BytesIO(json.dumps(content).encode()), "client_secret_1.json")
    assert post(owner, "/google", {"file": file}).location == "/google"
    page = owner.get("/google").text
    assert content["web"]["client_id"] in page
    assert content["web"]["client_secret"] not in page


def test_pasted_text_is_taken_too(salon: Salon) -> None:
    answer = post(salon.owner(), "/google", {"text": json.dumps(salon.client_json())})
    assert answer.location == "/google"


def test_file_without_redirect_uris_is_taken_with_a_warning(salon: Salon) -> None:
    owner = salon.owner()
    post(owner, "/google", {"text": json.dumps(web())})
    assert "lists no redirect URIs" in owner.get("/google").text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "No file was chosen"),
        (b"not json", "is not JSON"),
        (b"[1]", "holds no object"),
        (b'{"installed": {"client_id": "x"}}', "Desktop app"),
        (b'{"type": "service_account", "private_key": "x"}', "service account"),
        (b'{"refresh_token": "x", "client_id": "y"}', "live sign-in"),
        (json.dumps(web(client_secret="")).encode(), "no client secret"),
        (json.dumps(web(redirect_uris=["https://elsewhere.example/cb"])).encode(), "does not know LateSync"),
        (json.dumps(web(redirect_uris=[CALLBACK + "/"])).encode(), "differs only in its closing slash"),
        (b'{"x": "' + b"a" * 70_000, "far too large"),
    ],
)
def test_wrong_file_is_answered_by_its_sentence(salon: Salon, content: bytes, sentence: str) -> None:
    answer = post(salon.owner(), "/google", {"file": (BytesIO(content), "client.json" if content else "")})
    assert answer.status_code == 422
    assert sentence in answer.text.replace("&#39;", "'").replace("&#34;", '"')


def test_enormous_upload_is_cut_off(salon: Salon) -> None:
    answer = post(salon.owner(), "/google", {"file": (BytesIO(b"x" * 200_000), "client.json")})
    assert answer.status_code == 413
    assert "That is too much at once" in answer.text


@pytest.mark.parametrize("path", ["/", "/start/site", "/start/agents", "/start/done"])
def test_page_asks_a_database_that_does_not_answer_once_and_not_again_for_seconds(
    tmp_path: Path, empty_state: Path, path: str
) -> None:
    with (
        odd_server() as database,
        open_salon(tmp_path, state=empty_state, LATESYNC_SITE_DATABASE_URL=database.url) as salon,
    ):
        salon.upload()
        owner = salon.owner()
        assert owner.get(path).status_code == 200
        assert database.asked == 1
        assert owner.get(path).status_code == 200
        assert database.asked == 1
        salon.clock.advance(timedelta(seconds=6))
        owner.get(path)
        assert database.asked == 2
