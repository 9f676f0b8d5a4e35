"""One account's way to Graph: each request with its token, its budget and its time limit.

Where `requests` and status codes stop: what leaves here is of `latesync.errors`, or a JSON object.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

import requests
import urllib3

from latesync.errors import ProviderError, ProviderUnavailable, RateLimited
from latesync.providers.microsoft.budget import MailboxBudget
from latesync.providers.microsoft.endpoints import MicrosoftEndpoints
from latesync.providers.microsoft.errors import Call, Refusal, read_refusal, refusal_error

log = logging.getLogger(__name__)

PAUSES_S = (0.5, 2.0)  # before a read is repeated: at most twice
# On every request, also where a link is followed (D9). Without the first, an id changes when its event moves
# to another folder (E11); without the second, times come in zones of Windows (E1).
PREFER = 'IdType="ImmutableId", outlook.timezone="UTC"'
MOST_PAGES = 5000  # of one listing; far beyond any calendar

Answer = Mapping[str, Any]


class AccessTokens(Protocol):
    """One account's access tokens. Both raise AuthorizationLost, ClientRejected, RateLimited,
    ProviderUnavailable."""

    def token(self) -> str:
        """A valid one."""

    def renew(self, refused: str, claims: str | None = None) -> str:
        """Another one, after Graph refused this one. claims: what the new one must prove, JSON (CAE)."""


class Refused(Exception):
    """Graph said no. `error` is what it means to everybody outside; the refusal, to those who look closer."""

    def __init__(self, refusal: Refusal, error: ProviderError) -> None:
        super().__init__(str(error))
        self.refusal = refusal
        self.error = error


@dataclass(frozen=True)
class Sent:
    """A request. path: below the endpoint, its parts quoted. is_link: it is a whole link from an answer."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    prefer: str = PREFER
    counts_as: int = 1
    is_link: bool = False


class Graph:
    """One account's requests, in one thread."""

    def __init__(
        self,
        endpoints: MicrosoftEndpoints,
        session: Callable[[], requests.Session],
        tokens: AccessTokens,
        budget: MailboxBudget,
        *,
        now: Callable[[], datetime],
        pause: Callable[[float], None],
        timeout_s: float,
    ) -> None:
        self.endpoints = endpoints
        self.pause = pause
        self.now = now
        self._session = session
        self._tokens = tokens
        self._budget = budget
        self._timeout_s = timeout_s

    def read(self, call: Call, sent: Sent) -> Answer:
        """A read's answer; repeated after a pause when Graph, or the way to it, stumbles."""
        for pause_s in PAUSES_S:
            try:
                return self.ask(call, sent)
            except ProviderUnavailable as exc:
                if exc.reason == "foreign_link" or _is_final(exc):
                    raise
                self.pause(pause_s)
        return self.ask(call, sent)

    def ask(self, call: Call, sent: Sent) -> Answer:
        """The answer to one request. Raises what provider errors there are."""
        return _as_object(call, self.write(call, sent))

    def write(self, call: Call, sent: Sent) -> object:
        """The answer to a request that is made once: its body as JSON, None where it has none."""
        try:
            return self.attempt(call, sent)
        except Refused as exc:
            raise exc.error from exc

    def attempt(self, call: Call, sent: Sent) -> object:
        """As `write`; raises Refused where somebody wants to look at the refusal."""
        token = self._tokens.token()
        response = self._send(call, sent, token)
        refusal = _refusal_of(response)
        if refusal is not None and refusal.asks_for_token:  # it was not acted upon: asking again is safe
            token = self._tokens.renew(token, refusal.claims)
            response = self._send(call, sent, token)
            refusal = _refusal_of(response)
        if refusal is None:
            return _body_of(call, response)
        raise self.refused(call, refusal)

    def renew(self, claims: str | None) -> None:
        """After Graph refused the token inside a batch."""
        self._tokens.renew(self._tokens.token(), claims)

    def refused(self, call: Call, refusal: Refusal) -> Refused:
        log.debug(
            "graph refused account=%d operation=%s status=%d reason=%s request_id=%s",
            call.account_id,
            call.operation,
            refusal.status,
            refusal.reason,
            refusal.request_id or "none",
        )
        return Refused(refusal, refusal_error(refusal, call, self.now()))

    def pages(self, call: Call, first: Sent) -> Iterator[Answer]:
        """Every page's answer, links followed as they come; a listing that goes on for ever raises."""
        seen: set[str] = set()
        sent = first
        while len(seen) < MOST_PAGES:
            answer = self.read(call, sent)
            yield answer
            link = answer.get("@odata.nextLink")
            if link is None:
                return
            if not isinstance(link, str) or link in seen:
                break
            seen.add(link)
            sent = Sent("GET", link, prefer=first.prefer, is_link=True)
        raise call.error(ProviderUnavailable, "endless_listing")

    def _send(self, call: Call, sent: Sent, token: str) -> requests.Response:
        url = self._url(call, sent)
        headers = {"Authorization": f"Bearer {token}", "Prefer": sent.prefer, "Accept": "application/json"}
        try:
            with self._budget.spend(sent.counts_as):
                return self._session().request(
                    sent.method,
                    url,
                    params=dict(sent.params),
                    json=sent.body,
                    headers={**headers, **sent.headers},
                    timeout=self._timeout_s,
                    allow_redirects=False,  # Graph never redirects; a hotel's sign-in page does
                )
        except RateLimited as exc:
            raise call.too_fast(exc.reason, exc.retry_at) from exc
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError) as exc:
            # Its text holds the address, and that the ids of events and calendars: not chained.
            raise call.error(ProviderUnavailable, type(exc).__name__) from None

    def _url(self, call: Call, sent: Sent) -> str:
        url = sent.path if sent.is_link else self.endpoints.graph + sent.path
        if not self.endpoints.is_graphs(url):
            raise call.error(ProviderUnavailable, "foreign_link")
        return url


def part(name: str) -> str:
    """A part of a path: ids may hold anything."""
    return quote(name, safe="")


def parse(content: bytes | str) -> object:
    """JSON, or None for what is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _is_final(exc: ProviderError) -> bool:
    """Whether Graph itself refused the request, and would again."""
    cause = exc.__cause__
    if not isinstance(cause, Refused):
        return False
    refusal = cause.refusal
    return refusal.status in (401, 501) or (refusal.is_graphs and refusal.status < 500)


def _refusal_of(response: requests.Response) -> Refusal | None:
    if 200 <= response.status_code < 300:
        return None
    return read_refusal(response.status_code, response.headers, parse(response.content))


def _body_of(call: Call, response: requests.Response) -> object:
    if not response.content:
        return None
    found = parse(response.content)
    if found is None:
        raise call.error(ProviderUnavailable, "unreadable_answer")
    return found


def _as_object(call: Call, answer: object) -> Answer:
    if not isinstance(answer, Mapping):
        raise call.error(ProviderUnavailable, "unreadable_answer")
    return answer
