"""The demo site plays the plugin's part: what LateSync asks of it, and what it refuses."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.wrappers import Request, Response

from latesync.bridge.notes import read_note
from latesync.bridge.signature import seal_headers
from latesync.sandbox.google.world import GoogleWorld
from latesync.sandbox.pages.app import create_pages
from latesync.sandbox.serving import Served
from latesync.sandbox.site import bookings
from latesync.sandbox.site.bookings import Appointment, Customer, read_booking
from latesync.sandbox.site.database import insert
from latesync.sandbox.site.notes import Notes
from latesync.sandbox.site.plugin import SPACE, Plugin
from latesync.sandbox.site.sealing import sign
from latesync.sandbox.site.seed import activate_plugin
from latesync.sandbox.site.write_back import COLUMNS
from tests.demo.conftest import ANNA, BEN, COLOUR, CUT, NOW, TUESDAY, add_busy

SECRET = "the demo's secret"
NORA = Customer("Nora", "Lindqvist", "nora@mail.example")
VECTORS = Path(__file__).parents[1] / "wordpress" / "signature_vectors.json"


def berlin(hour: int, minute: int = 0, day: int = 20) -> datetime:
    """Before the clocks change, on the 25th."""
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC) - timedelta(hours=2)


@dataclass
class LateSync:
    """Asks as LateSync does, with the product's own signature."""

    site: sqlite3.Connection
    url: str
    told: list[dict[str, list[int]]]
    _messages: int = field(default=0)

    def ask(self, method: str, route: str, message: object = None, **changes: Any) -> tuple[int, Any]:
        """changes: of the seal (secret, timestamp, nonce, path), body, or the Idempotency-Key (key)."""
        self._messages += 1
        body = b"" if message is None else json.dumps(message).encode()
        headers = seal_headers(
            changes.get("secret", SECRET),
            "0123456789ab",
            method,
            changes.get("path", SPACE + route),
            body,
            timestamp=changes.get("timestamp", int(NOW.timestamp())),
            nonce=changes.get("nonce", f"{self._messages:032x}"),
        )
        headers["Idempotency-Key"] = changes.get("key", f"a-key-of-one-wish-{self._messages}")
        body = changes.get("body", body)
        answer = requests.request(method, f"{self.url}{SPACE}{route}", data=body, headers=headers, timeout=10)
        return answer.status_code, answer.json()

    def move(
        self, booking_id: int, start: datetime, end: datetime | None = None, **changes: Any
    ) -> tuple[int, Any]:
        """expected: the row as LateSync read it, where that is not how it is now."""
        to = {"starts_at": _utc(start), "ends_at": _utc(end or start + timedelta(hours=1))}
        expected = changes.pop("expected", None) or self.row(booking_id)
        message = {"v": 1, "expected": expected, "to": to}
        return self.ask("POST", f"/bookings/{booking_id}/reschedule", message, **changes)

    def cancel(self, booking_id: int, **changes: Any) -> tuple[int, Any]:
        expected = changes.pop("expected", None) or self.row(booking_id)
        return self.ask("POST", f"/bookings/{booking_id}/cancel", {"v": 1, "expected": expected}, **changes)

    def row(self, booking_id: int) -> dict[str, Any]:
        row = read_booking(self.site, booking_id)
        return {column: row[column] for column in COLUMNS}


def _utc(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def refused(reason: str, status: int = 409) -> tuple[int, dict[str, object]]:
    return status, {"v": 1, "result": "refused", "reason": reason}


@pytest.fixture
def latesync(site: sqlite3.Connection, site_file: Path) -> Iterator[LateSync]:
    secret_file = site_file.with_name("bridge_secret")
    secret_file.write_text(f"{SECRET}\n")
    told: list[dict[str, list[int]]] = []
    pages = create_pages(
        GoogleWorld(),
        site_file=site_file,
        links_home=site_file.parent,
        now=lambda: NOW,
        tell=told.append,
        bridge=Plugin(secret_file, "0.2.0", "http://demo.example"),
    )
    with Served(pages) as server:
        yield LateSync(site, server.url, told)


@pytest.fixture
def booking(site: sqlite3.Connection) -> int:
    """Anna's, on Tuesday from 10:00 to 11:00."""
    return bookings.book(site, Appointment(CUT, ANNA, TUESDAY, 600), NORA, NOW)


# What it does


def test_a_booking_moves_in_its_wall_clock_and_its_utc_columns(latesync: LateSync, booking: int) -> None:
    status, answer = latesync.move(booking, berlin(14))
    assert (status, answer["result"], answer["booking"]) == (200, "applied", latesync.row(booking))
    row = read_booking(latesync.site, booking)
    assert (row["start_date"], row["start_time"], row["end_date"], row["end_time"]) == (
        "2026-10-20",
        840,
        "2026-10-20",
        900,
    )
    assert (row["start_datetime_utc"], row["end_datetime_utc"]) == (
        "2026-10-20 12:00:00",
        "2026-10-20 13:00:00",
    )
    assert latesync.told == [{"bookings": [booking]}]


def test_a_booking_moves_past_the_change_of_the_clocks(latesync: LateSync, booking: int) -> None:
    start = datetime(2026, 10, 27, 9, tzinfo=UTC)
    assert latesync.move(booking, start)[0] == 200
    row = read_booking(latesync.site, booking)
    assert (row["start_time"], row["start_datetime_utc"]) == (600, "2026-10-27 09:00:00")


def test_a_booking_may_overlap_where_it_was_and_become_longer(latesync: LateSync, booking: int) -> None:
    assert latesync.move(booking, berlin(10, 30), berlin(12))[0] == 200
    assert (latesync.row(booking)["start_time"], latesync.row(booking)["end_time"]) == (630, 720)
    # The reception reckons with the new length from then on.
    bookings.book(latesync.site, Appointment(CUT, ANNA, TUESDAY, 840), NORA, NOW)
    with pytest.raises(bookings.SlotTaken):
        bookings.reschedule(latesync.site, booking, TUESDAY, 780, NOW)


def test_a_booking_is_cancelled_and_stays_in_the_list(latesync: LateSync, booking: int) -> None:
    status, answer = latesync.cancel(booking)
    assert (status, answer["result"], answer["booking"]["status"]) == (200, "applied", "cancelled")
    assert latesync.row(booking)["status"] == "cancelled"
    assert latesync.told == [{"bookings": [booking]}]


def test_what_is_as_wished_already_is_applied_without_a_change(latesync: LateSync, booking: int) -> None:
    before = latesync.row(booking)
    latesync.move(booking, berlin(14))
    assert latesync.move(booking, berlin(14), expected=before)[0] == 200
    latesync.cancel(booking)
    assert latesync.cancel(booking, expected=before)[0] == 200
    codes = latesync.site.execute("SELECT code FROM wp_latepoint_activities WHERE booking_id = ?", (booking,))
    assert [row["code"] for row in codes] == ["booking_created", "booking_updated", "booking_change_status"]


def test_a_repeat_with_the_same_key_gets_the_same_answer_and_does_nothing(
    latesync: LateSync, booking: int
) -> None:
    before = latesync.row(booking)
    first = latesync.move(booking, berlin(14), key="one-wish-only")
    bookings.reschedule(latesync.site, booking, TUESDAY, 960, NOW)
    assert latesync.move(booking, berlin(14), key="one-wish-only", expected=before) == first
    assert latesync.row(booking)["start_time"] == 960
    assert latesync.told == [{"bookings": [booking]}]


def test_it_says_who_it_is(latesync: LateSync) -> None:
    status, answer = latesync.ask("GET", "/hello")
    assert status == 200
    assert (answer["plugin"], answer["latepoint"], answer["wordpress"]) == ("0.2.0", "5.6.5", "6.1")
    assert (answer["home"], answer["rest"]) == (
        "https://salon-linden.example",
        f"http://demo.example{SPACE}",
    )


# What it refuses


@pytest.mark.parametrize(
    "start",
    [berlin(8), berlin(17, 30), berlin(10, 10), berlin(12, day=25), berlin(23, 30)],
    ids=["before it opens", "ends after it closes", "between two slots", "on a Sunday", "past midnight"],
)
def test_a_time_the_booking_form_does_not_offer_is_refused(
    latesync: LateSync, booking: int, start: datetime
) -> None:
    before = latesync.row(booking)
    assert latesync.move(booking, start) == refused("not_bookable")
    assert latesync.row(booking) == before
    assert latesync.told == []


def test_a_time_that_is_busy_or_booked_is_refused(latesync: LateSync, booking: int) -> None:
    add_busy(latesync.site, ANNA, berlin(14), berlin(15))
    add_busy(latesync.site, BEN, berlin(12), berlin(13))
    bookings.book(latesync.site, Appointment(COLOUR, ANNA, TUESDAY, 900), NORA, NOW)  # and 15 min after
    assert latesync.move(booking, berlin(14)) == refused("not_bookable")
    assert latesync.move(booking, berlin(17)) == refused("not_bookable")
    assert latesync.move(booking, berlin(12))[0] == 200


def test_the_second_half_of_a_doubled_hour_is_refused(latesync: LateSync, booking: int) -> None:
    insert(
        latesync.site, "wp_latepoint_work_periods", agent_id=ANNA, service_id=0, location_id=0, start_time=0,
        end_time=1440, week_day=7,
    )  # fmt: skip
    second = datetime(2026, 10, 25, 1, tzinfo=UTC)  # 2:00 for the second time
    assert latesync.move(booking, second) == refused("not_bookable")
    assert latesync.move(booking, datetime(2026, 10, 25, 8, tzinfo=UTC))[0] == 200


def test_what_is_past_is_refused(latesync: LateSync, site: sqlite3.Connection, booking: int) -> None:
    assert latesync.move(booking, NOW - timedelta(days=3)) == refused("past")
    begun = bookings.write_booking(site, Appointment(CUT, ANNA, NOW.date(), 480), NORA, NOW)  # 8:00: now
    assert latesync.cancel(begun) == refused("past")
    assert latesync.row(begun)["status"] == "approved"


def test_more_than_a_day_is_refused(latesync: LateSync, booking: int) -> None:
    assert latesync.move(booking, berlin(10), berlin(10, 1, day=21)) == refused("too_long")


@pytest.mark.parametrize(
    "change", [{"start_time": 615}, {"agent_id": BEN}, {"status": "pending"}, {"end_date": None}]
)
def test_a_row_that_changed_meanwhile_is_left_alone(
    latesync: LateSync, booking: int, change: dict[str, object]
) -> None:
    before = latesync.row(booking)
    assert latesync.move(booking, berlin(14), expected=before | change) == refused("changed")
    assert latesync.cancel(booking, expected=before | change) == refused("changed")
    assert latesync.row(booking) == before


def test_a_cancelled_booking_is_not_moved(latesync: LateSync, booking: int) -> None:
    bookings.set_status(latesync.site, booking, "cancelled", NOW)
    assert latesync.move(booking, berlin(14)) == refused("cancelled")


def test_a_booking_that_is_gone_is_unknown(latesync: LateSync, booking: int) -> None:
    before = latesync.row(booking)
    bookings.delete(latesync.site, booking)
    assert latesync.move(booking, berlin(14), expected=before) == refused("unknown", 404)
    assert latesync.cancel(booking, expected=before) == refused("unknown", 404)


# Who may ask


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"secret": "a guess"}, "signature"),
        ({"path": f"{SPACE}/bookings/999/cancel"}, "signature"),
        ({"body": b"{}"}, "signature"),
        ({"nonce": "A" * 32}, "signature"),
        ({"timestamp": int(NOW.timestamp()) - 301}, "clock"),
        ({"timestamp": int(NOW.timestamp()) + 301}, "clock"),
    ],
)
def test_a_forged_or_stale_message_changes_nothing(
    latesync: LateSync, booking: int, change: dict[str, object], error: str
) -> None:
    status, answer = latesync.cancel(booking, **change)
    assert (status, answer["error"]) == (401, error)
    assert latesync.row(booking)["status"] == "approved"


def test_a_message_counts_once(latesync: LateSync, booking: int) -> None:
    assert latesync.move(booking, berlin(14), nonce="ab" * 16)[0] == 200
    assert latesync.move(booking, berlin(15), nonce="ab" * 16) == (401, {"error": "replayed"})
    assert latesync.row(booking)["start_time"] == 840


def test_nobody_is_let_in_while_there_is_no_secret(latesync: LateSync, site_file: Path, booking: int) -> None:
    site_file.with_name("bridge_secret").write_text("\n")
    assert latesync.cancel(booking, secret="") == (401, {"error": "signature"})


@pytest.mark.parametrize("to", [None, {}, {"starts_at": "soon", "ends_at": "later"}, ["2026-10-20"]])
def test_nonsense_is_malformed(latesync: LateSync, booking: int, to: object) -> None:
    message = {"v": 1, "expected": latesync.row(booking), "to": to}
    route = f"/bookings/{booking}/reschedule"
    assert latesync.ask("POST", route, message) == (400, {"error": "malformed"})
    assert latesync.ask("POST", route, message | {"v": 2}) == (400, {"error": "malformed"})


@pytest.mark.parametrize("forget", COLUMNS)
def test_a_row_that_is_told_in_part_is_malformed(latesync: LateSync, booking: int, forget: str) -> None:
    expected = latesync.row(booking)
    del expected[forget]
    assert latesync.cancel(booking, expected=expected) == (400, {"error": "malformed"})


def test_a_wish_without_a_proper_key_is_malformed(latesync: LateSync, booking: int) -> None:
    assert latesync.cancel(booking, key="short") == (400, {"error": "malformed"})


def test_the_demo_signs_as_the_plugin_and_latesync_do() -> None:
    for vector in json.loads(VECTORS.read_text()):
        made = sign(
            vector["secret"],
            vector["method"],
            vector["path"],
            str(vector["timestamp"]),
            vector["nonce"],
            vector["body"].encode(),
        )
        assert made == vector["signature"]


# How LateSync learns of it


def test_a_site_without_the_plugin_has_no_such_routes(site: sqlite3.Connection, site_file: Path) -> None:
    pages = create_pages(GoogleWorld(), site_file=site_file, links_home=site_file.parent, now=lambda: NOW)
    assert pages.test_client().get(f"{SPACE}/hello").status_code == 404


def test_the_plugin_is_listed_among_the_active_ones(site: sqlite3.Connection) -> None:
    activate_plugin(site)
    activate_plugin(site)
    row = site.execute("SELECT option_value FROM wp_options WHERE option_name = 'active_plugins'").fetchone()
    assert '"latesync-bridge/latesync-bridge.php"' in row["option_value"]
    assert '"latepoint/latepoint.php"' in row["option_value"]


def test_the_greeting_is_repeated_until_latesync_is_there(tmp_path: Path) -> None:
    bodies, pauses = _greeted_by(tmp_path, lambda tries: "a secret" if tries == 2 else "")
    (body,) = bodies
    hello = read_note(body).hello
    assert hello is not None
    assert (hello.plugin, hello.home, hello.rest) == (
        "0.2.0",
        "https://salon-linden.example",
        f"http://demo.example{SPACE}",
    )
    assert pauses == 2


def _greeted_by(folder: Path, secret_after: Callable[[int], str]) -> tuple[list[bytes], int]:
    """What LateSync hears when its secret appears only after some pauses, and how many there were."""
    bodies: list[bytes] = []
    secret_file = folder / "bridge_secret"
    tries = 0

    @Request.application
    def listen(request: Request) -> Response:
        bodies.append(request.data)
        return Response("{}", mimetype="application/json")

    def pause(seconds: float) -> None:
        nonlocal tries
        tries += 1
        secret = secret_after(tries)
        if secret:
            secret_file.write_text(secret)

    hello = Plugin(secret_file, "0.2.0", "http://demo.example").greeting("https://salon-linden.example")
    with Served(listen) as server:
        Notes(server.url, secret_file, pause=pause).greet(hello).join(timeout=30)
    return bodies, tries
