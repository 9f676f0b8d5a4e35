"""The world as one JSON file."""

import json
from collections import deque
from dataclasses import asdict
from pathlib import Path

from ..changes import ChangeLog
from ..clock import Clock
from ..json_file import write_json
from .errors import Json
from .state import AccessToken, Calendar, Client, Code, Event, RefreshToken, State, User
from .switches import Switches

_FORMAT = 1


def save_state(state: State, path: Path) -> None:
    """Written beside the file first, then put in its place. Callers hold the lock."""
    content: Json = {
        "format": _FORMAT,
        "number": state.number,
        "base_url": state.base_url,
        "clock": {"offset_s": state.clock.offset_s, "frozen_ts": state.clock.frozen_ts},
        "switches": asdict(state.switches),
        "latency_s": state.latency_s,
        "grants": state.grants,
        "users": [_user(user) for user in state.users.values()],
        "clients": [asdict(client) for client in state.clients.values()],
        "calendars": [_calendar(calendar) for calendar in state.calendars.values()],
        "codes": {value: vars(code) for value, code in state.codes.items()},
        "refresh_tokens": [vars(token) for token in state.refresh_tokens.values()],
        "access_tokens": {value: vars(token) for value, token in state.access_tokens.items()},
        "mails": list(state.mails),
    }
    write_json(path, content)


def load_state(state: State, path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    if content.get("format") != _FORMAT:
        raise ValueError("This sandbox file was written by another version. Remove it to start afresh.")
    state.number = content["number"]
    state.base_url = content["base_url"]
    state.clock = Clock(**content["clock"])
    state.switches = Switches(**content["switches"])
    state.latency_s = content["latency_s"]
    state.grants = content["grants"]
    state.users = {raw["email"]: _read_user(raw) for raw in content["users"]}
    state.clients = {raw["id"]: Client(**raw) for raw in content["clients"]}
    state.calendars = {raw["id"]: _read_calendar(raw) for raw in content["calendars"]}
    state.codes = {value: Code(**raw) for value, raw in content["codes"].items()}
    state.refresh_tokens = {raw["value"]: RefreshToken(**raw) for raw in content["refresh_tokens"]}
    state.access_tokens = {value: AccessToken(**raw) for value, raw in content["access_tokens"].items()}
    state.mails = deque(content["mails"], maxlen=state.mails.maxlen)


def _user(user: User) -> Json:
    return {**vars(user), "list_changes": _log(user.list_changes)}


def _read_user(raw: Json) -> User:
    return User(**{**raw, "list_changes": _read_log(raw["list_changes"])})


def _calendar(calendar: Calendar) -> Json:
    return {
        **vars(calendar),
        "events": {event_id: vars(event) for event_id, event in calendar.events.items()},
        "exceptions": {master: sorted(ids) for master, ids in calendar.exceptions.items()},
        "changes": _log(calendar.changes),
        "vanished": sorted(calendar.vanished),
    }


def _read_calendar(raw: Json) -> Calendar:
    read = {
        "events": {event_id: Event(**event) for event_id, event in raw["events"].items()},
        "exceptions": {master: set(ids) for master, ids in raw["exceptions"].items()},
        "changes": _read_log(raw["changes"]),
        "vanished": set(raw["vanished"]),
    }
    return Calendar(**{**raw, **read})


def _log(log: ChangeLog) -> Json:
    return {"numbers": log.numbers, "last": log.last}


def _read_log(raw: Json) -> ChangeLog:
    log = ChangeLog(raw["numbers"])
    log.last = raw["last"]
    return log
