"""Graph's methods for subscriptions (microsoft-graph.md §9)."""

from .graph_call import Call, Method, Reply
from .graph_state import Subscription
from .notices import shake_hands
from .subscriptions import check_subscription, renew, show_subscription, subscription_of


def _try_addresses(call: Call) -> None:
    """The handshake (S2), before anything is kept."""
    with call.state.lock:
        wanted = _wanted_subscription(call)
    shake_hands(url for url in (wanted.url, wanted.lifecycle_url) if url)


def _create_subscription(call: Call) -> Reply:
    made = _wanted_subscription(call)
    call.mailbox.subscriptions[made.id] = made
    return 201, {**show_subscription(made), "clientState": made.client_state or None}


def _wanted_subscription(call: Call) -> Subscription:
    return check_subscription(call.mailbox, call.body, call.client_id, immutable=call.preferences.immutable)


def _list_subscriptions(call: Call) -> Reply:
    own = [one for one in call.mailbox.subscriptions.values() if one.client_id == call.client_id]
    return 200, {"value": [show_subscription(one) for one in own if one.ends_ts > call.state.now()]}


def _get_subscription(call: Call) -> Reply:
    return 200, show_subscription(subscription_of(call.mailbox, call.client_id, call.values["subscription"]))


def _renew_subscription(call: Call) -> Reply:
    found = subscription_of(call.mailbox, call.client_id, call.values["subscription"])
    renew(call.mailbox, found, call.body)
    return 200, show_subscription(found)


def _reauthorize(call: Call) -> Reply:
    subscription_of(call.mailbox, call.client_id, call.values["subscription"])
    return 204, None


def _delete_subscription(call: Call) -> Reply:
    found = subscription_of(call.mailbox, call.client_id, call.values["subscription"])
    del call.mailbox.subscriptions[found.id]
    return 204, None


_ONE = ("subscriptions", "{subscription}")
METHODS = (
    Method("subscriptions.list", "GET", ("subscriptions",), _list_subscriptions),
    Method(
        "subscriptions.create",
        "POST",
        ("subscriptions",),
        _create_subscription,
        has_body=True,
        prepare=_try_addresses,
    ),
    Method("subscriptions.get", "GET", _ONE, _get_subscription),
    Method("subscriptions.renew", "PATCH", _ONE, _renew_subscription, has_body=True),
    Method("subscriptions.reauthorize", "POST", (*_ONE, "reauthorize"), _reauthorize),
    Method("subscriptions.delete", "DELETE", _ONE, _delete_subscription),
)
