"""Where Microsoft tells that a calendar changed (microsoft-graph.md §9): noted and answered at once.

What a note says is never believed: it only lets the account be looked at sooner.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from latesync.errors import StateUnavailable
from latesync.store.fingerprints import pull_inbound_forward
from latesync.store.subscriptions import (
    SubscriptionRow,
    accounts_told,
    forget_subscription,
    list_subscriptions,
    record_renewed,
)
from latesync.web.context import now, services

log = logging.getLogger(__name__)
blueprint = Blueprint("microsoft_hook", __name__)

PATH = "/hooks/microsoft"
LARGEST = 256 * 1024  # bytes; a note is some 500, and they come in bundles
LONGEST_TOKEN = 2048  # characters
SOON = timedelta(hours=1)  # as if it ended then: the worker renews it at its next look

Told = tuple[str, str, str]  # subscription, its secret, what happened to the subscription itself
_FIELDS = ("subscriptionId", "clientState", "lifecycleEvent")


@blueprint.post(PATH)
def told() -> ResponseReturnValue:
    token = request.args.get("validationToken")
    if token is not None:
        return _listening(token)
    try:
        found = _believed(_notes())
        if found and not g.stopped_for:
            _read_soon(found)
    except RequestEntityTooLarge:
        return "", 413
    except StateUnavailable:
        return "", 503  # it is told again (S3)
    return "", 202


def _listening(token: str) -> ResponseReturnValue:
    """The handshake: the token as plain text, so that no browser takes it for a page (S2)."""
    if len(token) > LONGEST_TOKEN:
        return "", 400
    return Response(token, 200, mimetype="text/plain", headers={"X-Content-Type-Options": "nosniff"})


def _notes() -> set[Told]:
    """What was told, each thing once: notes come in bundles, and twice. Raises RequestEntityTooLarge."""
    request.max_content_length = LARGEST
    body = request.get_json(silent=True)
    listed = body.get("value") if isinstance(body, dict) else None
    notes = [note for note in listed if isinstance(note, dict)] if isinstance(listed, list) else []
    told = [tuple(note.get(name) for name in _FIELDS) for note in notes]
    return {(str(one), str(two), str(three or "")) for one, two, three in told if one and two}


def _believed(notes: set[Told]) -> set[int]:
    """The accounts that real notes are about; what else they say is followed. One read, however many come."""
    if not notes:
        return set()
    rows = {row.remote_id: row for row in list_subscriptions(services().database, services().site_id)}
    found = set()
    for remote_id, secret, event in notes:
        row = rows.get(remote_id)
        if row is not None and row.is_told_by(secret):
            _follow(row, event)
            found.add(row.account_id)
    return found


def _read_soon(account_ids: set[int]) -> None:
    database, site_id = services().database, services().site_id
    for account_id in accounts_told(database, site_id, account_ids):
        pull_inbound_forward(database, site_id, account_id, now())


def _follow(row: SubscriptionRow, event: str) -> None:
    """What Microsoft says of the subscription itself (S5); the worker's next look does what follows."""
    database = services().database
    if event == "reauthorizationRequired":
        record_renewed(database, row.account_id, row.remote_id, min(row.expires_at, now() + SOON))
    elif event == "subscriptionRemoved":
        forget_subscription(database, row.account_id, row.remote_id)
