"""Tells LateSync at once what changed on the site, as its plugin does in WordPress: ids only, signed."""

import hashlib
import hmac
import json
import secrets
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

PATH = "/hooks/site"
LOOK_EVERY_S = 10.0  # one agent is looked at by many visitors
LIMIT_S = 5.0

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
    _looked_at_s: dict[int, float] = field(default_factory=dict)

    def __call__(self, note: dict[str, list[int]]) -> None:
        looking_at = [agent_id for agent_id in note.get("looking_at", []) if self._is_news(agent_id)]
        if looking_at or note.get("bookings"):
            told = {"v": 1, "bookings": note.get("bookings", []), "looking_at": looking_at}
            threading.Thread(target=self._send, args=(told,), daemon=True).start()

    def _is_news(self, agent_id: int) -> bool:
        now_s = time.monotonic()
        if now_s - self._looked_at_s.get(agent_id, -LOOK_EVERY_S) < LOOK_EVERY_S:
            return False
        self._looked_at_s[agent_id] = now_s
        return True

    def _send(self, note: dict[str, object]) -> None:
        body = json.dumps(note).encode()
        try:
            request = urllib.request.Request(self.address + PATH, body, self._headers(body))
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with direct.open(request, timeout=LIMIT_S):
                pass
        except OSError:  # away, or it refused: either way it finds the change by itself
            return

    def _headers(self, body: bytes) -> dict[str, str]:
        secret = self.secret_file.read_text(encoding="utf-8").strip()
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        signed = "\n".join(("POST", PATH, timestamp, nonce, hashlib.sha256(body).hexdigest()))
        return {
            "Content-Type": "application/json",
            "X-LateSync-Site": "",
            "X-LateSync-Timestamp": timestamp,
            "X-LateSync-Nonce": nonce,
            "X-LateSync-Signature": hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest(),
        }
