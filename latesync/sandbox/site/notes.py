"""Tells LateSync at once what changed on the site, as its plugin does in WordPress: ids only, signed."""

import json
import secrets
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .sealing import sign

PATH = "/hooks/site"
LOOK_EVERY_S = 10.0  # one agent is looked at by many visitors
LIMIT_S = 5.0
GREET_EVERY_S = 0.5
GREETINGS = 600  # five minutes: longer than a demo may take to start

Tell = Callable[[dict[str, list[int]]], None]


def tell_nobody(note: dict[str, list[int]]) -> None:
    """For a site without the plugin."""


@dataclass
class Notes:
    """Sends notes in the background; one that does not arrive is not missed, for LateSync looks by itself.

    address: LateSync's own. secret_file: where it keeps the shared secret, which it makes at its start.
    """

    address: str
    secret_file: Path
    pause: Callable[[float], object] = time.sleep
    _looked_at_s: dict[int, float] = field(default_factory=dict)

    def __call__(self, note: dict[str, list[int]]) -> None:
        looking_at = [agent_id for agent_id in note.get("looking_at", []) if self._is_news(agent_id)]
        if looking_at or note.get("bookings"):
            told = {"v": 1, "bookings": note.get("bookings", []), "looking_at": looking_at}
            threading.Thread(target=self._send, args=(told,), daemon=True).start()

    def greet(self, hello: dict[str, object]) -> threading.Thread:
        """Say who is here, in the background, until it is heard: LateSync may start later than the site."""
        note = {"v": 1, "bookings": [], "looking_at": [], "hello": hello}
        greeter = threading.Thread(target=self._send_until_heard, args=(note,), daemon=True)
        greeter.start()
        return greeter

    def _send_until_heard(self, note: dict[str, object]) -> None:
        for _ in range(GREETINGS):
            if self._send(note):
                return
            self.pause(GREET_EVERY_S)

    def _is_news(self, agent_id: int) -> bool:
        now_s = time.monotonic()
        if now_s - self._looked_at_s.get(agent_id, -LOOK_EVERY_S) < LOOK_EVERY_S:
            return False
        self._looked_at_s[agent_id] = now_s
        return True

    def _send(self, note: dict[str, object]) -> bool:
        """Whether it was heard."""
        body = json.dumps(note).encode()
        try:
            request = urllib.request.Request(self.address + PATH, body, self._headers(body))
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with direct.open(request, timeout=LIMIT_S):
                return True
        except OSError:  # away, or it refused: either way it finds the change by itself
            return False

    def _headers(self, body: bytes) -> dict[str, str]:
        secret = self.secret_file.read_text(encoding="utf-8").strip()
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        return {
            "Content-Type": "application/json",
            "X-LateSync-Site": "",
            "X-LateSync-Timestamp": timestamp,
            "X-LateSync-Nonce": nonce,
            "X-LateSync-Signature": sign(secret, "POST", PATH, timestamp, nonce, body),
        }
