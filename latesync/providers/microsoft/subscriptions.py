"""Asking Graph to tell of changes in a mailbox's calendar (microsoft-graph.md §9).

One subscription, on `me/events`: the reference says that it is told of all events of the mailbox (S1), users
saw it told of the primary calendar only (microsoft-graph-docs issues 6595, 21978). The primary calendar is
the one that is written to and read unless the agent says otherwise; changes in others are found by polling at
the latest. A subscription for each of them would be one more to be lost, for what nobody documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from latesync.errors import ProviderUnavailable, SubscriptionGone, SubscriptionRefused
from latesync.providers.base import Subscription
from latesync.providers.microsoft.errors import Call, Subject
from latesync.providers.microsoft.graph import Graph, Refused, Sent, part
from latesync.providers.microsoft.listing import entries_of
from latesync.providers.microsoft.moments import as_query, read_instant

RESOURCE = "me/events"
CHANGES = "created,updated,deleted"


class Subscriber:
    """For one account, in one thread."""

    def __init__(self, graph: Graph, account_id: int) -> None:
        self._graph = graph
        self._account_id = account_id

    def subscribe(self, notify_url: str, secret: str, until: datetime) -> Subscription:
        """Raises SubscriptionRefused."""
        call = self._call("subscribe")
        body = {
            "changeType": CHANGES,
            "notificationUrl": notify_url,
            "lifecycleNotificationUrl": notify_url,  # it cannot be added later (S5)
            "resource": RESOURCE,
            "expirationDateTime": as_query(until),
            "clientState": secret,
        }
        try:
            return self._made(call, body)
        except Refused as exc:
            if exc.refusal.status != 409:
                raise self._judged(call, exc) from exc
        # One stands already (S6). Of an earlier life of this state, its secret is lost; of another LateSync
        # with the same app, at another address, it is none of ours.
        self._end_ours(call, notify_url)
        try:
            return self._made(call, body)
        except Refused as exc:
            raise self._judged(call, exc) from exc

    def renew(self, remote_id: str, until: datetime) -> datetime:
        """Raises SubscriptionGone."""
        call = self._call("renew_subscription")
        sent = Sent("PATCH", _path(remote_id), body={"expirationDateTime": as_query(until)})
        with self._gone_if_not_found(call):
            return _end_of(call, self._graph.attempt(call, sent))

    def end(self, remote_id: str) -> None:
        """Silent where it is gone already."""
        call = self._call("end_subscription")
        try:
            with self._gone_if_not_found(call):
                self._graph.attempt(call, Sent("DELETE", _path(remote_id)))
        except SubscriptionGone:
            return

    def _made(self, call: Call, body: Mapping[str, Any]) -> Subscription:
        answer = self._graph.attempt(call, Sent("POST", "subscriptions", body=body))
        remote_id = answer.get("id") if isinstance(answer, Mapping) else None
        if not isinstance(remote_id, str) or not remote_id:
            raise call.error(ProviderUnavailable, "unreadable_answer")
        return Subscription(remote_id, _end_of(call, answer))

    def _end_ours(self, call: Call, notify_url: str) -> None:
        for page in self._graph.pages(call, Sent("GET", "subscriptions")):
            for one in entries_of(call, page):
                if one.get("notificationUrl") == notify_url and isinstance(one.get("id"), str):
                    self.end(one["id"])

    def _judged(self, call: Call, exc: Refused) -> Exception:
        """Where Graph says no for reasons of its own, it will not tell; everything else is as elsewhere."""
        is_no = exc.refusal.is_graphs and exc.refusal.status in (400, 403, 404, 409)
        return call.error(SubscriptionRefused, exc.refusal.reason) if is_no else exc.error

    @contextmanager
    def _gone_if_not_found(self, call: Call) -> Iterator[None]:
        try:
            yield
        except Refused as exc:
            if exc.refusal.is_graphs and exc.refusal.status == 404:
                raise call.error(SubscriptionGone, exc.refusal.reason) from exc
            raise exc.error from exc

    def _call(self, operation: str) -> Call:
        return Call(operation, self._account_id, Subject.CALENDARS)


def _path(remote_id: str) -> str:
    return f"subscriptions/{part(remote_id)}"


def _end_of(call: Call, answer: object) -> datetime:
    """When Graph says it ends: it may have chosen another moment (S1)."""
    ends_at = read_instant(answer.get("expirationDateTime")) if isinstance(answer, Mapping) else None
    if ends_at is None:
        raise call.error(ProviderUnavailable, "unreadable_answer")
    return ends_at
