"""The demo's site tells LateSync what happens, as the plugin does in WordPress."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Request, Response

from latesync.bridge.notes import read_note
from latesync.bridge.signature import SEAL_HEADERS, read_seal, verify
from latesync.sandbox.google.world import GoogleWorld
from latesync.sandbox.pages.app import create_pages
from latesync.sandbox.serving import Served
from latesync.sandbox.site.notes import Notes
from tests.demo.conftest import ANNA, BEN, CUT, NOW, TUESDAY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SECRET = "the demo's secret"


class Heard:
    """Stands for LateSync: keeps what came, and tells when something has."""

    def __init__(self) -> None:
        self.notes: list[dict[str, Any]] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self._came = threading.Condition()

    def app(self) -> "WSGIApplication":
        @Request.application
        def listen(request: Request) -> Response:
            with self._came:
                self.requests.append((dict(request.headers), request.data))
                self.notes.append(json.loads(request.data))
                self._came.notify_all()
            return Response("{}", mimetype="application/json")

        return listen

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        with self._came:
            assert self._came.wait_for(lambda: len(self.notes) >= count, timeout=10)
            return self.notes


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def notes(heard: Heard, tmp_path: Path) -> Iterator[Notes]:
    secret_file = tmp_path / "bridge_secret"
    secret_file.write_text(f"{SECRET}\n")
    with Served(heard.app()) as server:
        yield Notes(server.url, secret_file)


def test_note_is_signed_as_the_product_reads_it(notes: Notes, heard: Heard) -> None:
    notes({"bookings": [7]})
    assert heard.wait_for(1) == [{"v": 1, "bookings": [7], "looking_at": []}]
    headers, body = heard.requests[0]
    seal = read_seal(*(headers.get(name.title(), "") for name in SEAL_HEADERS))
    verify(SECRET, "POST", "/hooks/site", seal, body, now_s=seal.timestamp)
    assert read_note(body).bookings == {7}


def test_agent_who_is_looked_at_by_many_is_told_of_once(notes: Notes, heard: Heard) -> None:
    notes({"looking_at": [3]})
    heard.wait_for(1)
    for _ in range(5):
        notes({"looking_at": [3]})
    notes({"looking_at": [3, 2]})
    assert heard.wait_for(2)[1:] == [{"v": 1, "bookings": [], "looking_at": [2]}]


def test_site_does_not_mind_when_latesync_is_away(tmp_path: Path) -> None:
    silent = Notes("http://127.0.0.1:1", tmp_path / "no secret yet")
    silent._send({"v": 1})
    (tmp_path / "no secret yet").write_text(SECRET)
    silent._send({"v": 1})


def test_pages_tell_who_is_looked_at_and_what_was_booked_moved_and_deleted(
    site: sqlite3.Connection, site_file: Path
) -> None:
    told: list[dict[str, list[int]]] = []
    pages = create_pages(
        GoogleWorld(), site_file=site_file, links_home=site_file.parent, now=lambda: NOW, tell=told.append
    )
    visitor = pages.test_client()
    visitor.get("/salon/")
    visitor.get(f"/salon/?service={CUT}&agent={ANNA}&day={TUESDAY}")
    details = f"/salon/details?service={CUT}&agent={ANNA}&day={TUESDAY}&minute=600"
    visitor.get(details)
    visitor.post(details, data={"name": "Nora Lindqvist", "email": "nora@mail.example"})
    (row,) = site.execute("SELECT id FROM wp_latepoint_bookings").fetchall()
    booking = int(row["id"])
    assert told == [{"looking_at": [ANNA]}, {"bookings": [booking]}]
    told.clear()
    visitor.post(f"/salon/reception/{booking}/move?day={TUESDAY}&minute=840")
    visitor.post(f"/salon/reception/{booking}/give", data={"agent": BEN})
    visitor.post(f"/salon/reception/{booking}/cancel")
    visitor.post(f"/salon/reception/{booking}/approve")
    visitor.post(f"/salon/reception/{booking}/delete")
    assert told == [{"bookings": [booking]}] * 5
