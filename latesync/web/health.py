"""For a machine that watches: is the process alive, can it work."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from latesync.errors import StateNotReady, StateUnavailable
from latesync.store.migrate import require_current
from latesync.web.context import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
def livez() -> ResponseReturnValue:
    return jsonify(alive=True)


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Ready when our own tables answer and are of this program's version."""
    try:
        require_current(services().database)
    except StateNotReady:
        return jsonify(ready=False, why="LateSync's tables are not up to date; run latesync migrate."), 503
    except StateUnavailable:
        return jsonify(ready=False, why="LateSync's own database does not answer."), 503
    return jsonify(ready=True)
