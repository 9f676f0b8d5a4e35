"""Telling subscribers (microsoft-graph.md §9): from threads of its own, never while the world is locked."""

import threading
import uuid
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import lru_cache
from urllib.parse import urlsplit

import requests

from .errors import GraphError, Json
from .graph_state import Item, Mailbox, Subscription
from .graph_times import stamp

_PATIENCE_S = 10.0  # S2: for the handshake; deliveries get as long here (S3: 3 s there)
_LIFECYCLE = ("reauthorizationRequired", "subscriptionRemoved", "missed")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_under_way: set[Future[None]] = set()
_guard = threading.Lock()


def tell(mailbox: Mailbox, item: Item, change: str) -> None:
    """Notify everybody who asked for it, from another thread. Callers hold the world's lock."""
    for subscription in list(mailbox.subscriptions.values()):
        if subscription.ends_ts <= mailbox.now():
            continue
        if not _covers(mailbox, subscription, item) or change not in subscription.change_types:
            continue
        _send(
            subscription.url,
            [_notice(mailbox, subscription, item, change)],
            mailbox.switches.notification_tries,
        )


def _covers(mailbox: Mailbox, subscription: Subscription, item: Item) -> bool:
    """S1: which calendars an unnamed one means is by a switch."""
    if subscription.calendar_id or mailbox.switches.subscriptions_cover_mailbox:
        return subscription.calendar_id in ("", item.calendar_id)
    return item.calendar_id == mailbox.primary.id


def tell_lifecycle(mailbox: Mailbox, subscription: Subscription, kind: str) -> None:
    """S5. Raises ValueError for another kind; nothing is sent where no lifecycle address was given."""
    if kind not in _LIFECYCLE:
        raise ValueError(f"A lifecycle event is one of {', '.join(_LIFECYCLE)}.")
    if subscription.lifecycle_url:
        notice = {**_common(mailbox, subscription), "lifecycleEvent": kind, "resource": _resource(mailbox)}
        _send(subscription.lifecycle_url, [notice], mailbox.switches.notification_tries)


def wait_for_notices(timeout_s: float = 10.0) -> None:
    """Until all that was to be told has been delivered or given up. Raises TimeoutError."""
    with _guard:
        waiting = set(_under_way)
    if wait(waiting, timeout=timeout_s).not_done:
        raise TimeoutError("Notifications are still under way.")


def shake_hands(urls: Iterable[str]) -> None:
    """S2: every address must answer 200, as plain text, with the token decoded. Raises GraphError 400."""
    for url in urls:
        if not _is_proven(url, f"Validation: Testing client application {uuid.uuid4()}"):
            message = (
                "Subscription validation request failed. Notification endpoint must respond with 200 OK to"
                " validation request."
            )
            raise GraphError(400, "ValidationError", message)


def check_address(url: str) -> None:
    """S2: https; a stand-in is also content with loopback. Raises GraphError 400."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return
    raise GraphError(400, "InvalidRequest", "The notification address is not an https address.")


def _is_proven(url: str, token: str) -> bool:
    try:
        answer = _post(url, params={"validationToken": token})
    except requests.RequestException:
        return False
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return answer.status_code == 200 and kind == "text/plain" and answer.text == token


def _send(url: str, notices: list[Json], tries: int) -> None:
    future = _pool().submit(_deliver, url, {"value": notices}, tries)
    with _guard:
        _under_way.add(future)
    future.add_done_callback(_forget)


def _forget(future: Future[None]) -> None:
    with _guard:
        _under_way.discard(future)


def _deliver(url: str, body: Json, tries: int) -> None:
    """S3: any 2xx counts; after that it is given up, as Microsoft does after four hours."""
    for _ in range(tries):
        try:
            if _post(url, json=body).ok:
                return
        except requests.RequestException:
            continue


def _post(url: str, params: dict[str, str] | None = None, json: Json | None = None) -> requests.Response:
    on_loopback = urlsplit(url).hostname in _LOOPBACK  # a certificate made at start, known to nobody
    with requests.Session() as session:
        session.trust_env = False
        return session.post(
            url, params=params, json=json, timeout=_PATIENCE_S, verify=not on_loopback, allow_redirects=False
        )


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="sandbox-notices")


def _notice(mailbox: Mailbox, subscription: Subscription, item: Item, change: str) -> Json:
    event_id = item.id if subscription.immutable else item.mutable_id
    path = f"Users/{mailbox.oid}/Events/{event_id}"
    return {
        **_common(mailbox, subscription),
        "changeType": change,
        "resource": path,
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.Event",
            "@odata.id": path,
            "@odata.etag": item.etag,
            "id": event_id,
        },
    }


def _common(mailbox: Mailbox, subscription: Subscription) -> Json:
    return {
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": stamp(subscription.ends_ts),
        "clientState": subscription.client_state or None,
        "tenantId": mailbox.tid,
    }


def _resource(mailbox: Mailbox) -> str:
    return f"Users/{mailbox.oid}/Events"
