"""Where the WordPress plugin tells what changed: verified, noted and answered at once."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter, RateLimitExceeded
from werkzeug.exceptions import RequestEntityTooLarge

from latesync import __version__
from latesync.bridge.addresses import is_same_site
from latesync.bridge.notes import LARGEST_NOTE, Hello, Note, read_note
from latesync.bridge.signature import SEAL_HEADERS, Seal, read_seal, verify
from latesync.errors import MessageRefused, StateUnavailable
from latesync.health_overview import late_since
from latesync.plugin import read_home_url, runs_unlisted
from latesync.read_overview import newest_accounts
from latesync.services import Services
from latesync.store.accounts import AccountRow, list_accounts
from latesync.store.bridges import Greeting, read_bridge, record_greeting, record_heard
from latesync.store.fingerprints import pull_stale_inbound_forward
from latesync.store.hints import note_hints
from latesync.store.identity import read_identity
from latesync.store.nonces import is_new_nonce
from latesync.store.pauses import read_resting
from latesync.web.context import now, services

log = logging.getLogger(__name__)
blueprint = Blueprint("site_hook", __name__)

PATH = "/hooks/site"
FRESH_ENOUGH = timedelta(seconds=5)  # a calendar read that lately is not read again for a visitor
# Only what is refused counts: whoever guesses is slowed down, and no note of the plugin's ever is.
REFUSALS = "60 per minute"
_STATUS = {"malformed": 400, "signature": 401, "clock": 401, "replayed": 409}


class RefusalLog:
    """One line in five minutes, however much comes in: enough for an owner, too little to fill a disk."""

    PAUSE = timedelta(minutes=5)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next_at: datetime | None = None
        self._unsaid = 0

    def refused(self, code: str, at: datetime) -> None:
        with self._lock:
            self._unsaid += 1
            if self._next_at is not None and at < self._next_at:
                return
            count, self._unsaid, self._next_at = self._unsaid, 0, at + self.PAUSE
        log.warning("notes refused last=%s count=%d", code, count)


def add_site_hook(app: Flask, limiter: Limiter) -> None:
    app.register_blueprint(blueprint)
    app.extensions["latesync-refusals"] = (limiter, RefusalLog())


@blueprint.post(PATH)
def site() -> ResponseReturnValue:
    try:
        seal, note = _read_request(services())
        if not _take(services(), seal, note, now()):
            raise MessageRefused("replayed")
        answer = _answer(services(), note, now())
    except MessageRefused as refused:
        return _refusal(refused.code)
    except RequestEntityTooLarge:
        return jsonify(error="too_large"), 413
    except StateUnavailable:
        log.warning("state unavailable")
        return jsonify(error="unavailable"), 503
    return jsonify(answer)


def _read_request(known: Services) -> tuple[Seal, Note]:
    """Raises MessageRefused, RequestEntityTooLarge; nothing was asked of any database until then."""
    # One byte more than allowed shows that it is too large: a chunked body is just cut off there.
    request.max_content_length = LARGEST_NOTE + 1
    seal = read_seal(*(request.headers.get(name, "") for name in SEAL_HEADERS))
    if request.mimetype != "application/json":
        raise MessageRefused("malformed")
    body = request.get_data(cache=False)
    if len(body) > LARGEST_NOTE:
        raise RequestEntityTooLarge
    verify(known.bridge_secret, "POST", PATH, seal, body, now_s=now().timestamp())
    return seal, read_note(body)


def _take(known: Services, seal: Seal, note: Note, at: datetime) -> bool:
    """Remember what the note says, all or nothing; False when its nonce was used before.

    While a person has to say which site this is, it has no effect.

    The site named beside it is not asked for: the plugin may not know ours yet, and a hint only decides
    when we look.
    """
    with known.database.write() as connection:
        if not is_new_nonce(connection, known.site_id, seal.nonce, at):
            return False
        if g.stopped_for:  # afterwards everything is looked at anyway
            return True
        note_hints(connection, known.site_id, note.bookings, at)
        if note.looking_at:
            pull_stale_inbound_forward(connection, known.site_id, note.looking_at, at, at - FRESH_ENOUGH)
        record_heard(connection, known.site_id, at)
    return True


def _answer(known: Services, note: Note, at: datetime) -> dict[str, Any]:
    plain = {"v": 1, "version": __version__, "site": known.site_id, "time": int(at.timestamp())}
    if note.hello is None:
        return plain
    if not g.stopped_for and not _is_from_a_copy(known, note.hello):
        record_greeting(
            known.database, known.site_id, _greeting(note.hello), at, is_unlisted=runs_unlisted(known)
        )
    rows = list_accounts(known.database, known.site_id)
    return plain | {
        "home": read_home_url(known),
        "agents": [_agent(row) for row in newest_accounts(rows).values()],
        "worker_late": not g.stopped_for and _is_late(known, rows, at),
    }


def _is_from_a_copy(known: Services, hello: Hello) -> bool:
    """Whether another site's plugin speaks while our own is known: a copied WordPress greets with everything
    that was copied along, and must not take its place. The answer names our site, and it falls silent.
    """
    ours, heard = read_identity(known.database, known.site_id), read_bridge(known.database, known.site_id)
    if ours is None or not ours.home_url or heard is None or not heard.home_url:
        return False
    is_ours_known = is_same_site(heard.home_url, ours.home_url)
    return is_ours_known and not is_same_site(hello.home, ours.home_url)


def _is_late(known: Services, rows: list[AccountRow], at: datetime) -> bool:
    return late_since(rows, at, read_resting(known.database, known.site_id)) is not None


def _greeting(hello: Hello) -> Greeting:
    return Greeting(
        plugin_version=hello.plugin,
        wordpress_version=hello.wordpress,
        latepoint_version=hello.latepoint,
        home_url=hello.home,
        rest_url=hello.rest,
        protocol=hello.protocol,
    )


def _agent(row: AccountRow) -> dict[str, Any]:
    runs = [moment for moment in (row.outbound_good_at, row.inbound_good_at) if moment is not None]
    last_run_at = int(max(runs).timestamp()) if runs else None
    return {"id": row.agent_id, "state": row.state.value, "last_run_at": last_run_at}


def _refusal(code: str) -> ResponseReturnValue:
    limiter, refusals = current_app.extensions["latesync-refusals"]
    refusals.refused(code, now())
    try:
        with limiter.limit(REFUSALS):
            said: dict[str, Any] = {"error": code}
            if code == "clock":
                said["time"] = int(now().timestamp())
            return jsonify(said), _STATUS[code]
    except RateLimitExceeded:
        return jsonify(error="too_many"), 429
