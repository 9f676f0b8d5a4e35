"""The plugin's notes: signed ones are taken at once, everything else changes nothing."""

from __future__ import annotations

import logging
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from latesync import __version__
from latesync.bridge.notes import LARGEST_NOTE
from latesync.store.bridges import read_bridge
from latesync.store.hints import MOST_KEPT, read_hints
from latesync.store.schema import accounts, bridges, seen_nonces, site_hints
from latesync.web.site_hook import RefusalLog
from tests.web.salon import BEN, DANA, Salon, open_salon
from tests.web.signing import HELLO, HOOK, enter_link, headers_for, note_body, send

FIVE_MINUTES = timedelta(minutes=5)


def hinted(salon: Salon) -> list[int]:
    return [hint.booking_id for hint in read_hints(salon.services.database, salon.services.site_id)]


def is_untouched(salon: Salon) -> bool:
    with salon.services.database.read() as connection:
        return not any(
            connection.scalar(select(func.count()).select_from(table))
            for table in (site_hints, seen_nonces, bridges)
        )


def calendar_was_read(salon: Salon, seconds_ago: float, agent_id: int = DANA) -> None:
    """As after a good run, with the next one in a minute."""
    now = salon.clock()
    values = {
        "outbound_due_at": None,
        "inbound_due_at": now + timedelta(minutes=1),
        "inbound_good_at": now - timedelta(seconds=seconds_ago),
    }
    with salon.services.database.write() as connection:
        connection.execute(update(accounts).where(accounts.c.agent_id == agent_id).values(**values))


def is_due(salon: Salon, agent_id: int = DANA) -> bool:
    account = salon.account(agent_id)
    assert account is not None
    assert account.inbound_due_at is not None
    return account.inbound_due_at <= salon.clock()


# --- what is taken ----------------------------------------------------------------------------


def test_signed_note_is_noted_and_answered(salon: Salon) -> None:
    answer = send(salon, note_body(bookings=[12, 13], looking_at=[]))
    assert answer.status_code == 200
    assert answer.json == {
        "v": 1,
        "version": __version__,
        "site": salon.services.site_id,
        "time": int(salon.clock().timestamp()),
    }
    assert hinted(salon) == [12, 13]
    bridge = read_bridge(salon.services.database, salon.services.site_id)
    assert bridge is not None
    assert bridge.heard_at == salon.clock()


@pytest.mark.parametrize("site", ["", "0123456789ab"])
def test_note_is_taken_from_a_plugin_that_does_not_know_our_site_yet(salon: Salon, site: str) -> None:
    assert send(salon, note_body(bookings=[12]), site=site).status_code == 200
    assert hinted(salon) == [12]


@pytest.mark.parametrize("off_by", [-FIVE_MINUTES, FIVE_MINUTES])
def test_clocks_may_differ_by_five_minutes(salon: Salon, off_by: timedelta) -> None:
    assert send(salon, note_body(bookings=[12]), off_by=off_by).status_code == 200


def test_largest_note_is_taken(salon: Salon) -> None:
    ids = list(range(2_000_000_000, 2_000_000_500))
    assert send(salon, note_body(bookings=ids, looking_at=ids)).status_code == 200
    assert len(hinted(salon)) == 500


def test_calendar_a_visitor_looks_at_is_read_at_once(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    salon.connect(BEN, "ben@example.com")
    for agent_id in (DANA, BEN):
        calendar_was_read(salon, seconds_ago=20, agent_id=agent_id)
    assert send(salon, note_body(looking_at=[DANA, 77])).status_code == 200
    assert is_due(salon, DANA)
    assert not is_due(salon, BEN)


def test_calendar_that_was_just_read_is_not_read_again(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    calendar_was_read(salon, seconds_ago=4)
    send(salon, note_body(looking_at=[DANA]))
    assert not is_due(salon)


def test_note_asks_nothing_of_the_site(salon: Salon) -> None:
    salon.services.config.home.parent.joinpath("site.db").unlink()
    assert send(salon, note_body(bookings=[12])).status_code == 200
    assert salon.services._opened_site is None


# --- greetings --------------------------------------------------------------------------------


def test_greeting_is_answered_with_what_the_settings_page_shows(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    calendar_was_read(salon, seconds_ago=20)
    answer = send(salon, note_body(hello=HELLO)).json
    assert answer is not None
    assert answer["home"] == salon.services.site.facts().settings.home_url
    assert answer["home"]
    last_run_at = int((salon.clock() - timedelta(seconds=20)).timestamp())
    assert answer["agents"] == [{"id": DANA, "state": "connected", "last_run_at": last_run_at}]
    assert answer["worker_late"] is False
    bridge = read_bridge(salon.services.database, salon.services.site_id)
    assert bridge is not None
    assert (bridge.plugin_version, bridge.protocol, bridge.rest_url) == (HELLO["plugin"], 1, HELLO["rest"])


def test_greeting_says_when_nobody_takes_up_the_work(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    salon.clock.advance(timedelta(minutes=11))
    answer = send(salon, note_body(hello=HELLO)).json
    assert answer is not None
    assert answer["worker_late"] is True
    assert answer["agents"] == [{"id": DANA, "state": "connected", "last_run_at": None}]


def test_greeting_is_answered_while_the_site_cannot_be_read(salon: Salon) -> None:
    salon.services.config.home.parent.joinpath("site.db").unlink()
    answer = send(salon, note_body(bookings=[7], hello=HELLO))
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["home"] == ""
    assert hinted(salon) == [7]


# --- what is refused --------------------------------------------------------------------------


def test_replayed_note_is_refused_in_whatever_process(salon: Salon) -> None:
    body = note_body(bookings=[12])
    headers = headers_for(salon.services.bridge_secret, salon.clock(), body)
    assert salon.visitor().post(HOOK, data=body, headers=headers).status_code == 200
    salon.clock.advance(timedelta(seconds=10))
    again = salon.visitor().post(HOOK, data=body, headers=headers)
    assert (again.status_code, again.json) == (409, {"error": "replayed"})
    hints = read_hints(salon.services.database, salon.services.site_id)
    assert [hint.noted_at for hint in hints] == [salon.clock() - timedelta(seconds=10)]


def test_forged_note_is_refused(salon: Salon) -> None:
    answer = send(salon, note_body(bookings=[12]), secret="a guess")
    assert (answer.status_code, answer.json) == (401, {"error": "signature"})
    assert is_untouched(salon)


def test_body_that_was_exchanged_is_refused(salon: Salon) -> None:
    headers = headers_for(salon.services.bridge_secret, salon.clock(), note_body(bookings=[12]))
    answer = salon.visitor().post(HOOK, data=note_body(bookings=[13]), headers=headers)
    assert (answer.status_code, answer.json) == (401, {"error": "signature"})
    assert is_untouched(salon)


def test_signature_for_another_path_is_refused(salon: Salon) -> None:
    answer = send(salon, note_body(bookings=[12]), path="/enter/owner")
    assert (answer.status_code, answer.json) == (401, {"error": "signature"})
    assert is_untouched(salon)


@pytest.mark.parametrize("off_by", [-FIVE_MINUTES - timedelta(seconds=2), timedelta(hours=1)])
def test_wrong_clock_is_told_the_right_time(salon: Salon, off_by: timedelta) -> None:
    answer = send(salon, note_body(bookings=[12]), off_by=off_by)
    assert (answer.status_code, answer.json) == (
        401,
        {"error": "clock", "time": int(salon.clock().timestamp())},
    )
    assert is_untouched(salon)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"not json", note_body(bookings=["1; DROP TABLE accounts"]), note_body(v=2)]
)
def test_signed_nonsense_is_malformed_and_leaves_nothing(salon: Salon, body: bytes) -> None:
    answer = send(salon, body)
    assert (answer.status_code, answer.json) == (400, {"error": "malformed"})
    assert is_untouched(salon)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-LateSync-Signature": "0" * 64},
        {"X-LateSync-Timestamp": "now", "X-LateSync-Nonce": "0" * 32, "X-LateSync-Signature": "0" * 64},
        {"X-LateSync-Timestamp": "1", "X-LateSync-Nonce": "'; --", "X-LateSync-Signature": "0" * 64},
    ],
)
def test_unsigned_garbage_is_malformed(salon: Salon, headers: dict[str, str]) -> None:
    answer = salon.visitor().post(HOOK, data=b"x", headers=headers)
    assert (answer.status_code, answer.json) == (400, {"error": "malformed"})
    assert is_untouched(salon)


def test_form_is_not_taken_for_a_note(salon: Salon) -> None:
    body = note_body(bookings=[12])
    headers = headers_for(salon.services.bridge_secret, salon.clock(), body)
    headers["Content-Type"] = "text/plain"
    assert salon.visitor().post(HOOK, data=body, headers=headers).status_code == 400
    assert is_untouched(salon)


def test_huge_note_is_not_read(salon: Salon) -> None:
    body = note_body(bookings=[12], more="")
    for size in (LARGEST_NOTE + 1, 2 * LARGEST_NOTE):
        answer = send(salon, body[:-2] + b"x" * (size - len(body)) + body[-2:])
        assert (answer.status_code, answer.json) == (413, {"error": "too_large"})
    assert is_untouched(salon)
    assert send(salon, body[:-2] + b"x" * (LARGEST_NOTE - len(body)) + body[-2:]).status_code == 200


def test_who_guesses_is_slowed_down_and_the_plugin_never_is(salon: Salon) -> None:
    client = salon.visitor()
    refused = [client.post(HOOK, data=b"x").status_code for _ in range(61)]
    assert refused == [400] * 60 + [429]
    assert send(salon, note_body(bookings=[12]), client=client).status_code == 200
    for number in range(70):
        assert send(salon, note_body(bookings=[number]), client=client).status_code == 200


def test_refusals_do_not_fill_the_log(salon: Salon, caplog: pytest.LogCaptureFixture) -> None:
    refusals = RefusalLog()
    with caplog.at_level(logging.INFO, logger="latesync"):
        for _ in range(500):
            refusals.refused("signature", salon.clock())
        salon.clock.advance(RefusalLog.PAUSE)
        refusals.refused("malformed", salon.clock())
    assert [record.getMessage() for record in caplog.records] == [
        "notes refused last=signature count=1",
        "notes refused last=malformed count=500",
    ]


def test_refused_note_shows_in_the_log_without_what_it_held(
    salon: Salon, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        send(salon, note_body(bookings=[424242]), secret="a guess")
    said = caplog.text
    assert "notes refused last=signature" in said
    assert "424242" not in said
    assert salon.services.bridge_secret not in said


def test_own_database_that_is_away_is_answered_in_json(salon: Salon) -> None:
    salon.services.site_id  # noqa: B018 - read while it can be
    salon.services.database.dispose()
    path = salon.services.config.home / "state.db"
    for file in path.parent.glob("state.db*"):
        file.unlink()
    path.mkdir()
    answer: Any = send(salon, note_body(bookings=[12]))
    assert (answer.status_code, answer.json) == (503, {"error": "unavailable"})


def test_address_belongs_to_notes_only(salon: Salon) -> None:
    assert salon.visitor().get(HOOK).status_code == 405


# --- ways to it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/latesync"])
def test_address_below_a_path_is_reached_whether_the_proxy_takes_it_off(
    tmp_path: Path, empty_state: Path, prefix: str
) -> None:
    with open_salon(tmp_path, "https://salon.example/latesync", state=empty_state) as salon:
        body = note_body(bookings=[12])
        headers = headers_for(salon.services.bridge_secret, salon.clock(), body)
        answer = salon.visitor().post(f"{prefix}{HOOK}", data=body, headers=headers)
        assert answer.status_code == 200
        assert hinted(salon) == [12]
        entered = salon.visitor().get(prefix + enter_link(salon, "/enter/owner"))
        assert entered.headers["Location"] == "/latesync/"


def test_chunked_note_is_taken_and_a_huge_one_is_not_read(salon: Salon) -> None:
    """Without a length nobody knows how much is to come."""
    for body, status in ((note_body(bookings=[12]), 200), (b" " * (LARGEST_NOTE + 1), 413)):
        stream = BytesIO(body)
        answer = salon.visitor().post(
            HOOK,
            input_stream=stream,
            headers={
                **headers_for(salon.services.bridge_secret, salon.clock(), body),
                "Transfer-Encoding": "chunked",
            },
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert answer.status_code == status
    assert hinted(salon) == [12]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_other_methods_are_refused_and_change_nothing(salon: Salon, method: str) -> None:
    body = note_body(bookings=[12])
    headers = headers_for(salon.services.bridge_secret, salon.clock(), body)
    assert salon.visitor().open(HOOK, method=method, data=body, headers=headers).status_code == 405
    assert is_untouched(salon)


def test_a_flood_of_good_notes_is_taken_whole_and_kept_small(salon: Salon) -> None:
    client = salon.visitor()
    for first in range(1, 5001, 500):
        assert (
            send(salon, note_body(bookings=list(range(first, first + 500))), client=client).status_code == 200
        )
    assert 0 < len(hinted(salon)) <= MOST_KEPT
    assert 0 in hinted(salon)
