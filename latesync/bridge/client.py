"""Asks the plugin to move or cancel a booking: LatePoint decides there, and tells the customer.

And tells it of a booking's link to a meeting.

The plugin's side: wp_bridge/latesync-bridge/includes/class-rest.php. Where `requests` and status codes stop.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import requests

from latesync.bridge.addresses import CANONICAL, places_of, redirected, route_at
from latesync.bridge.signature import seal_headers
from latesync.errors import BridgeRejected, BridgeUnavailable
from latesync.model import Booking
from latesync.times import TimeRange

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 20.0  # LatePoint mails the customer before it answers
LARGEST_ANSWER = 64 * 1024  # bytes; ours have a few hundred
_REASON = re.compile(r"[a-z_]{1,32}")
_REDIRECTS = (301, 302, 307, 308)


@dataclass(frozen=True, slots=True)
class Applied:
    """changed: whether the row reads otherwise than before; what was as wished already is no change."""

    changed: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """reason: the plugin's code; drift_sentences.py has its words."""

    reason: str


@dataclass(frozen=True)
class BridgeAddress:
    """rest_url: as the plugin said in its greeting. home_url: the site's own."""

    rest_url: str | None = None
    home_url: str | None = None


@dataclass(frozen=True)
class WriteBackClient:
    """Safe to share between threads.

    address: where the plugin is, read for every call: it may greet from elsewhere tomorrow.
    """

    site_id: str
    secret: str = field(repr=False)
    address: Callable[[], BridgeAddress]
    clock: Callable[[], datetime]
    nonce: Callable[[], str] = lambda: secrets.token_hex(16)
    timeouts_s: tuple[float, float] = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)

    def reschedule(self, booking: Booking, to: TimeRange, key: str) -> Applied | Refused:
        """Move a booking, if its row is still as it was read and LatePoint offers the time.

        key: 8 to 64 of [A-Za-z0-9_-]; a repeat with the same one has no second effect.
        Raises BridgeUnavailable (then nobody knows whether it happened), BridgeRejected.
        """
        target = {"starts_at": _utc_text(to.start), "ends_at": _utc_text(to.end)}
        return self._ask(booking, "reschedule", {"expected": expected_of(booking), "to": target}, key)

    def cancel(self, booking: Booking, key: str) -> Applied | Refused:
        """Cancel a booking, if its row is still as it was read. Otherwise as `reschedule`."""
        return self._ask(booking, "cancel", {"expected": expected_of(booking)}, key)

    def tell_meeting(self, booking_id: int, url: str, key: str) -> Applied | Refused:
        """Keep a link to a meeting with a booking, where LatePoint's own add-ons do. Otherwise as above."""
        return self._ask(booking_id, "meeting", {"url": url}, key)

    def _ask(self, booking: Booking | int, verb: str, wish: Mapping[str, Any], key: str) -> Applied | Refused:
        """A booking by its number alone: nothing of its row is compared."""
        booking_id = booking if isinstance(booking, int) else booking.id
        expected = None if isinstance(booking, int) else expected_of(booking)
        route = f"/bookings/{booking_id}/{verb}"
        body = json.dumps({"v": 1, **wish}, separators=(",", ":")).encode()
        address = self.address()
        places = places_of(address.rest_url, address.home_url)
        if not places:
            raise BridgeRejected("no_address")
        for place in places:
            answer = self._post(route_at(place, route), route, body, key)
            if answer.is_ours or not answer.may_be_elsewhere:
                return answer.verdict(expected)
        raise BridgeRejected("not_installed")

    def _post(self, url: str, route: str, body: bytes, key: str) -> _Answer:
        """Send it; a redirect is followed once, with a seal of its own, and never to another host."""
        answer = self._send(url, route, body, key)
        if answer.status in _REDIRECTS:
            target = redirected(url, urljoin(url, answer.location))
            if target is not None and target != url:
                return self._send(target, route, body, key)
        return answer

    def _send(self, url: str, route: str, body: bytes, key: str) -> _Answer:
        timestamp = int(self.clock().timestamp())
        headers = seal_headers(
            self.secret,
            self.site_id,
            "POST",
            CANONICAL + route,
            body,
            timestamp=timestamp,
            nonce=self.nonce(),
        )
        headers |= {"Content-Type": "application/json", "Accept": "application/json", "Idempotency-Key": key}
        try:
            with requests.post(
                url, data=body, headers=headers, timeout=self.timeouts_s, allow_redirects=False, stream=True
            ) as answer:
                content = _object(_read(answer))
                return _Answer(answer.status_code, content, answer.headers.get("Location", ""))
        except (requests.RequestException, OSError, ValueError) as exc:  # ValueError: an odd address
            raise BridgeUnavailable(type(exc).__name__) from exc


@dataclass(frozen=True, slots=True)
class _Answer:
    """content: the JSON object in it, if it is one."""

    status: int
    content: Mapping[str, Any]
    location: str = ""

    @property
    def is_ours(self) -> bool:
        """The plugin's own words; WordPress and its other plugins say `code` and `message` instead."""
        return isinstance(self.content.get("result"), str) or isinstance(self.content.get("error"), str)

    @property
    def may_be_elsewhere(self) -> bool:
        """No such route here: a page instead of an answer, a redirect to one, or nothing."""
        return self.status in (200, 404, 405, 410, *_REDIRECTS)

    def verdict(self, expected: Mapping[str, Any] | None) -> Applied | Refused:
        result, error = self.content.get("result"), str(self.content.get("error", ""))
        if self.status == 200 and result == "applied":
            return Applied(changed=self.content.get("booking") != expected)
        if self.status in (404, 409) and result == "refused":
            reason = self.content.get("reason")
            if isinstance(reason, str) and _REASON.fullmatch(reason):
                return Refused(reason)
        if self.status in (400, 401, 403, 413):
            raise BridgeRejected(error if _REASON.fullmatch(error) else "forbidden")
        raise BridgeUnavailable(error if _REASON.fullmatch(error) else f"status_{self.status}")


def expected_of(booking: Booking) -> dict[str, Any]:
    """The row as it was read, in the plugin's words; it refuses when the row differs by then."""
    wall = booking.wall
    return {
        "agent_id": booking.agent_id,
        "status": booking.status,
        "start_date": wall.start_date if wall else None,
        "start_time": wall.start_time if wall else None,
        "end_date": wall.end_date if wall else None,
        "end_time": wall.end_time if wall else None,
    }


def _utc_text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(answer: requests.Response) -> bytes:
    """The body, as far as it can be one of ours."""
    content = b""
    for part in answer.iter_content(8192):
        content += part
        if len(content) > LARGEST_ANSWER:
            return b""
    return content


def _object(content: bytes) -> Mapping[str, Any]:
    """The JSON object an answer holds; none for a page, and for something cut off."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
