"""The world as one JSON file."""

import json
from dataclasses import asdict
from pathlib import Path

from ..clock import Clock
from .errors import Json
from .graph_state import mailbox_json, read_mailbox
from .persons import Person
from .state import AccessToken, Client, Code, RefreshToken, Secret, State
from .switches import Switches

_FORMAT = 1


def state_json(state: State) -> Json:
    """Callers hold the lock."""
    return {
        "format": _FORMAT,
        "number": state.number,
        "base_url": state.base_url,
        "page_url": state.page_url,
        "clock": {"offset_s": state.clock.offset_s, "frozen_ts": state.clock.frozen_ts},
        "switches": asdict(state.switches),
        "latency_s": state.latency_s,
        "tenants": state.tenants,
        "grants": state.grants,
        "persons": [_person(person) for person in state.persons.values()],
        "clients": [asdict(client) for client in state.clients.values()],
        "codes": {value: vars(code) for value, code in state.codes.items()},
        "refresh_tokens": [vars(token) for token in state.refresh_tokens.values()],
        "access_tokens": {value: vars(token) for value, token in state.access_tokens.items()},
    }


def load_state(state: State, path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    if content.get("format") != _FORMAT:
        raise ValueError("This sandbox file was written by another version. Remove it to start afresh.")
    state.number = content["number"]
    state.base_url = content["base_url"]
    state.page_url = content["page_url"]
    state.clock = Clock(**content["clock"])
    state.switches = Switches(**content["switches"])
    state.latency_s = content["latency_s"]
    state.tenants = content["tenants"]
    state.grants = content["grants"]
    state.persons = {raw["oid"]: _read_person(raw) for raw in content["persons"]}
    state.clients = {raw["id"]: _read_client(raw) for raw in content["clients"]}
    state.codes = {value: Code(**raw) for value, raw in content["codes"].items()}
    state.refresh_tokens = {raw["value"]: RefreshToken(**raw) for raw in content["refresh_tokens"]}
    state.access_tokens = {value: AccessToken(**raw) for value, raw in content["access_tokens"].items()}


def _person(person: Person) -> Json:
    return {**vars(person), "mailbox": mailbox_json(person.mailbox)}


def _read_person(raw: Json) -> Person:
    return Person(**{**raw, "mailbox": read_mailbox(raw["mailbox"])})


def _read_client(raw: Json) -> Client:
    return Client(**{**raw, "secrets": [Secret(**one) for one in raw["secrets"]]})
