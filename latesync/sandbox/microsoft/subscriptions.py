"""Subscriptions (microsoft-graph.md §9)."""

import re
import uuid
from typing import Any

from .errors import GraphError, Json, invalid_request
from .graph_calendars import calendar_for
from .graph_state import Mailbox, Subscription
from .graph_times import read_instant, stamp
from .notices import check_address, tell_lifecycle

_FIELDS = {
    "changeType", "notificationUrl", "lifecycleNotificationUrl", "resource", "expirationDateTime",
    "clientState", "latestSupportedTlsVersion",
}  # fmt: skip
_NEEDED = ("changeType", "notificationUrl", "resource", "expirationDateTime")
_CHANGES = {"created", "updated", "deleted"}
_RESOURCE = re.compile(r"/?me(?:/calendar|/calendars/([^/]+))?/events", re.IGNORECASE)
_LEAST_S, _MINUTE_S = 45 * 60.0, 60.0  # S1
_LONGEST_STATE = 128
_MOST = 1000  # S6


def check_subscription(mailbox: Mailbox, body: Any, client_id: str, *, immutable: bool) -> Subscription:
    """What was asked for, not yet in force. Raises GraphError 400, 403, 404 or 409. Callers hold the lock."""
    if not isinstance(body, dict) or not set(body) <= _FIELDS:
        raise invalid_request("The subscription has a field that is not known.", "InvalidRequest")
    for name in _NEEDED:
        if not body.get(name):
            raise invalid_request(f"{name} is needed.", "InvalidRequest")
    if not all(isinstance(value, str) for value in body.values()):
        raise invalid_request("The fields of a subscription are texts.", "InvalidRequest")
    changes = [one.strip() for one in body["changeType"].split(",")]
    if not set(changes) <= _CHANGES or len(body.get("clientState", "")) > _LONGEST_STATE:
        raise invalid_request("changeType or clientState is not valid.", "InvalidRequest")
    calendar_id = _calendar_id(mailbox, body["resource"])
    _check_new(mailbox, client_id, calendar_id, set(changes))
    for name in ("notificationUrl", "lifecycleNotificationUrl"):
        if name in body:
            check_address(body[name])
    return Subscription(
        id=str(uuid.uuid4()),
        client_id=client_id,
        resource=body["resource"],
        calendar_id=calendar_id,
        change_types=changes,
        url=body["notificationUrl"],
        lifecycle_url=body.get("lifecycleNotificationUrl", ""),
        client_state=body.get("clientState", ""),
        ends_ts=_end(mailbox, body["expirationDateTime"]),
        immutable=immutable,
    )


def subscription_of(mailbox: Mailbox, client_id: str, subscription_id: str) -> Subscription:
    """Raises GraphError 404, also for one that ended or is another app's."""
    sweep(mailbox)
    found = mailbox.subscriptions.get(subscription_id)
    if found is None or found.client_id != client_id:
        raise GraphError(404, "ResourceNotFound", "The object was not found.")
    return found


def renew(mailbox: Mailbox, subscription: Subscription, body: Any) -> None:
    """S6: another end. Raises GraphError 400 for any other field but the address."""
    if not isinstance(body, dict) or set(body) - {"expirationDateTime", "notificationUrl"}:
        raise invalid_request(
            "Only the end of a subscription and its address can be changed.", "InvalidRequest"
        )
    if not isinstance(body.get("expirationDateTime"), str):
        raise invalid_request("expirationDateTime is needed.", "InvalidRequest")
    subscription.ends_ts = _end(mailbox, body["expirationDateTime"])


def show_subscription(subscription: Subscription) -> Json:
    """clientState is not told again, except to who creates it."""
    return {
        "id": subscription.id,
        "resource": subscription.resource,
        "applicationId": subscription.client_id,
        "changeType": ",".join(subscription.change_types),
        "clientState": None,
        "notificationUrl": subscription.url,
        "lifecycleNotificationUrl": subscription.lifecycle_url or None,
        "expirationDateTime": stamp(subscription.ends_ts),
        "includeResourceData": None,
    }


def sweep(mailbox: Mailbox) -> None:
    now = mailbox.now()
    for subscription in [one for one in mailbox.subscriptions.values() if one.ends_ts <= now]:
        del mailbox.subscriptions[subscription.id]


def end_subscription(mailbox: Mailbox, subscription_id: str) -> None:
    """Microsoft ends it, and says so where a lifecycle address was given (S5)."""
    subscription = mailbox.subscriptions.pop(subscription_id)
    tell_lifecycle(mailbox, subscription, "subscriptionRemoved")


def _calendar_id(mailbox: Mailbox, resource: str) -> str:
    found = _RESOURCE.fullmatch(resource)
    if found is None:
        raise invalid_request(f"The resource '{resource[:60]}' cannot be subscribed to.", "InvalidRequest")
    return calendar_for(mailbox, found[1]).id if found[1] else ""


def _check_new(mailbox: Mailbox, client_id: str, calendar_id: str, changes: set[str]) -> None:
    """S6: the same twice is a conflict; so many are allowed over all apps."""
    sweep(mailbox)
    for one in mailbox.subscriptions.values():
        same = one.client_id == client_id and one.calendar_id == calendar_id
        if same and set(one.change_types) == changes:
            raise GraphError(409, "ExtensionError", "A subscription for this resource exists already.")
    if len(mailbox.subscriptions) >= _MOST:
        raise GraphError(403, "ExtensionError", "The limit of subscriptions is reached.")


def _end(mailbox: Mailbox, text: str) -> float:
    """S1: a week at most, and never under 45 minutes."""
    ends, now = read_instant(text, "expirationDateTime"), mailbox.now()
    most = mailbox.switches.subscription_most_minutes
    if ends <= now:
        raise invalid_request("Subscription expiration must be in the future.", "InvalidRequest")
    if ends > now + most * _MINUTE_S:
        message = f"Subscription expiration can only be {most} minutes in the future."
        raise invalid_request(message, "InvalidRequest")
    return max(ends, now + _LEAST_S)
