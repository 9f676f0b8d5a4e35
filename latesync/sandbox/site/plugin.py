"""The plugin's routes on the demo site: what LateSync may ask of it, signed with the secret they share.

The plugin's own: wp_bridge/latesync-bridge/includes/class-rest.php and class-gate.php. Nonces and answers are
kept where WordPress keeps such things, in the options.
"""

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Response, current_app, jsonify, request

from . import write_back
from .database import insert, writing
from .sealing import CLOCK_LIMIT_S, objection
from .slots import Span
from .views import now, site, tell
from .write_back import COLUMNS, Answer

SPACE = "/wp-json/latesync/v1"
PROTOCOL = 1
WORDPRESS, LATEPOINT = "6.1", "5.6.5"  # which the demo's tables are like
MOST_BYTES = 16 * 1024
_NONCE, _ANSWER = "latesync_bridge_nonce_", "latesync_bridge_answer_"
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

plugin = Blueprint("plugin", __name__, url_prefix=SPACE)


@dataclass(frozen=True)
class Plugin:
    """The demo site's plugin: where the shared secret is, and who it says it is."""

    secret_file: Path
    version: str
    address: str  # the demo site's own, without a slash at the end

    def greeting(self, home: str) -> dict[str, object]:
        return {
            "plugin": self.version,
            "protocol": PROTOCOL,
            "wordpress": WORDPRESS,
            "latepoint": LATEPOINT,
            "home": home,
            "rest": f"{self.address}{SPACE}",
        }

    def secret(self) -> str:
        """Empty until LateSync has made one."""
        try:
            return self.secret_file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""


def home_of(connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT option_value FROM wp_options WHERE option_name = 'home'").fetchone()
    return str(row["option_value"])


@plugin.before_request
def _gate() -> tuple[Response, int] | None:
    """Who signed with the secret, and nobody else; every message once."""
    if len(request.get_data()) > MOST_BYTES:
        return jsonify(error="too_large"), 413
    now_s = now().timestamp()
    timestamp, nonce, signature = (
        request.headers.get(f"X-LateSync-{name}", "") for name in ("Timestamp", "Nonce", "Signature")
    )
    wrong = objection(
        _plugin().secret(), request.method, request.path, timestamp, nonce, request.get_data(), signature,
        now_s=now_s,
    )  # fmt: skip
    if wrong == "clock":
        return jsonify(error=wrong, time=int(now_s)), 401
    if wrong or not _is_new(nonce, now_s):
        return jsonify(error=wrong or "replayed"), 401
    return None


@plugin.errorhandler(sqlite3.Error)
def _failed(error: sqlite3.Error) -> tuple[Response, int]:
    """Nothing was written: LateSync asks again."""
    return jsonify(error="failed"), 500


@plugin.get("/hello")
def hello() -> Response:
    return jsonify(
        {"v": 1, **_plugin().greeting(home_of(site())), "site": "", "time": int(now().timestamp())}
    )


@plugin.post("/bookings/<int(max=2147483647):booking_id>/reschedule")
def reschedule(booking_id: int) -> tuple[Response, int]:
    message = _message()
    target = message.get("to") if message else None
    wanted = _span(target) if isinstance(target, dict) else None
    if message is None or wanted is None:
        return jsonify(error="malformed"), 400
    expected = message["expected"]
    return _once(booking_id, lambda: write_back.reschedule(site(), booking_id, expected, wanted, now()))


@plugin.post("/bookings/<int(max=2147483647):booking_id>/cancel")
def cancel(booking_id: int) -> tuple[Response, int]:
    message = _message()
    if message is None:
        return jsonify(error="malformed"), 400
    return _once(booking_id, lambda: write_back.cancel(site(), booking_id, message["expected"], now()))


def _once(booking_id: int, change: Callable[[], Answer]) -> tuple[Response, int]:
    """Make a change once per Idempotency-Key: a repeat gets the first answer, and does nothing."""
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        return jsonify(error="malformed"), 400
    name = _ANSWER + hashlib.sha256(f"{key} {request.path}".encode()).hexdigest()
    with writing(site()):
        kept = site().execute("SELECT option_value FROM wp_options WHERE option_name = ?", (name,)).fetchone()
        status, body = json.loads(kept["option_value"]) if kept else change()
        if kept is None:
            insert(
                site(), "wp_options", option_name=name, option_value=json.dumps([status, body]), autoload="no"
            )
    if kept is None and status == 200:
        tell(bookings=[booking_id])  # as LatePoint's own hooks make the plugin do
    return jsonify(body), status


def _is_new(nonce: str, now_s: float) -> bool:
    """Note a nonce; False when it was used before. Those too old to pass the clock are forgotten."""
    with writing(site()):
        site().execute(
            "DELETE FROM wp_options WHERE option_name LIKE ? AND CAST(option_value AS INTEGER) < ?",
            (f"{_NONCE}%", int(now_s) - 2 * CLOCK_LIMIT_S),
        )
        added = site().execute(
            "INSERT OR IGNORE INTO wp_options (option_name, option_value, autoload) VALUES (?, ?, 'no')",
            (_NONCE + nonce, str(int(now_s))),
        )
    return added.rowcount == 1


def _message() -> dict[str, Any] | None:
    """What LateSync says, if it is of our version and holds the row as LateSync knows it."""
    message = request.get_json(force=True, silent=True)
    expected = message.get("expected") if isinstance(message, dict) and message.get("v") == PROTOCOL else None
    if not isinstance(expected, dict) or not all(_is_value(expected, column) for column in COLUMNS):
        return None
    return cast(dict[str, Any], message)


def _is_value(expected: Mapping[str, object], column: str) -> bool:
    return column in expected and (
        expected[column] is None or type(expected[column]) in (int, str)  # to Python, True is an int too
    )


def _span(target: Mapping[str, object]) -> Span | None:
    start, end = _instant(target.get("starts_at")), _instant(target.get("ends_at"))
    return Span(start, end) if start and end and start < end else None


def _instant(text: object) -> datetime | None:
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:  # 31 February
        return None


def _plugin() -> Plugin:
    return cast(Plugin, current_app.config["PLUGIN"])
