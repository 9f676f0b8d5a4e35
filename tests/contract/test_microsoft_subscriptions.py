"""Asking Microsoft to tell of changes: microsoft-graph.md §9."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask, Response, request

from latesync.errors import (
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    SubscriptionGone,
    SubscriptionRefused,
)
from latesync.plan.subscriptions import LIFE
from latesync.providers.base import Notifying
from latesync.providers.microsoft.client import MicrosoftCalendar
from latesync.sandbox.microsoft import outlook
from latesync.sandbox.serving import Served
from tests.contract.microsoft_stage import DANA, NOW, MicrosoftStage, microsoft_stage, span
from tests.contract.stage import STARTS_AT

SECRET = "a secret of this subscription"
HOUR = timedelta(hours=1)


@dataclass
class Listener:
    """Our address, where somebody answers."""

    url: str = ""
    echoes: bool = True
    handshakes: int = 0
    heard: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> Flask:
        app = Flask("listener")

        @app.post("/hooks/microsoft")
        def told() -> Response:
            token = request.args.get("validationToken")
            if token is None:
                self.heard += request.get_json()["value"]
                return Response(status=202)
            self.handshakes += 1
            return Response(token if self.echoes else "?", mimetype="text/plain")

        return app

    def address(self) -> str:
        return f"{self.url}/hooks/microsoft"


@pytest.fixture
def stage() -> Iterator[MicrosoftStage]:
    with microsoft_stage() as ready:
        ready.world.freeze(NOW)
        yield ready


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    with Served(made.app()) as server:
        made.url = server.url
        yield made


def subscribe(stage: MicrosoftStage, url: str, until: datetime = NOW + LIFE) -> str:
    return stage.provider().subscribe(url, SECRET, until).remote_id


def standing(stage: MicrosoftStage) -> set[str]:
    return set(stage.mailbox.subscriptions)


def test_outlook_can_tell_of_changes(stage: MicrosoftStage) -> None:
    assert isinstance(stage.provider(), Notifying)


def test_somebody_must_answer_at_our_address_and_changes_are_told_there(
    stage: MicrosoftStage, listener: Listener
) -> None:
    """S2, S4: both addresses are tried before anything is kept."""
    made = stage.provider().subscribe(listener.address(), SECRET, NOW + LIFE)
    assert (listener.handshakes, made.expires_at) == (2, NOW + LIFE)
    stage.person_adds(STARTS_AT)
    stage.world.wait_for_notices()
    (note,) = listener.heard
    assert (note["subscriptionId"], note["clientState"]) == (made.remote_id, SECRET)


def test_what_happens_to_the_subscription_is_told_as_well(stage: MicrosoftStage, listener: Listener) -> None:
    """S5: that address cannot be added later."""
    subscribe(stage, listener.address())
    stage.world.send_lifecycle(DANA, "missed")
    stage.world.wait_for_notices()
    assert [note["lifecycleEvent"] for note in listener.heard] == ["missed"]


@pytest.mark.parametrize("covers_mailbox", [False, True])
def test_changes_of_the_primary_calendar_are_told_in_any_case(
    stage: MicrosoftStage, listener: Listener, covers_mailbox: bool
) -> None:
    """S1: of others perhaps; they are polled."""
    stage.world.set_switches(subscriptions_cover_mailbox=covers_mailbox)
    subscribe(stage, listener.address())
    other = stage.person_makes_a_calendar()
    body = {"subject": "Dentist", **span(STARTS_AT)}
    outlook.put_event(stage.mailbox, body, other)
    stage.person_adds(STARTS_AT)
    stage.world.wait_for_notices()
    assert len(listener.heard) == 1 + covers_mailbox


def test_where_nobody_answers_rightly_nothing_is_subscribed(
    stage: MicrosoftStage, listener: Listener
) -> None:
    """S2."""
    listener.echoes = False
    with pytest.raises(SubscriptionRefused) as refused:
        subscribe(stage, listener.address())
    assert refused.value.reason == "ValidationError"
    assert standing(stage) == set()


def test_an_address_without_tls_is_refused(stage: MicrosoftStage) -> None:
    """S2."""
    with pytest.raises(SubscriptionRefused):
        subscribe(stage, "http://sync.example.com/hooks/microsoft")


def test_an_end_beyond_the_limit_is_refused(stage: MicrosoftStage, listener: Listener) -> None:
    """S1: LIFE is below every limit there was."""
    with pytest.raises(SubscriptionRefused):
        subscribe(stage, listener.address(), NOW + timedelta(days=8))


def test_the_provider_s_own_end_counts(stage: MicrosoftStage, listener: Listener) -> None:
    """S1: less than 45 minutes become 45."""
    made = stage.provider().subscribe(listener.address(), SECRET, NOW + timedelta(minutes=5))
    assert made.expires_at == NOW + timedelta(minutes=45)
    renewed = stage.provider().renew_subscription(made.remote_id, NOW + timedelta(minutes=1))
    assert renewed == NOW + timedelta(minutes=45)


def test_a_subscription_whose_secret_is_lost_gives_way(stage: MicrosoftStage, listener: Listener) -> None:
    """S6: 409. An older state was restored."""
    lost = subscribe(stage, listener.address())
    made = subscribe(stage, listener.address())
    assert made != lost
    assert standing(stage) == {made}


def test_another_latesync_s_subscription_is_left_alone(stage: MicrosoftStage, listener: Listener) -> None:
    """Another site's, or a copy's, with the same app: one polls, and takes nothing from the other."""
    original = subscribe(stage, listener.address().replace("127.0.0.1", "localhost"))
    with pytest.raises(SubscriptionRefused):
        subscribe(stage, listener.address())
    assert standing(stage) == {original}


def test_a_renewed_subscription_lives_on(stage: MicrosoftStage, listener: Listener) -> None:
    """S6."""
    made = subscribe(stage, listener.address(), NOW + HOUR)
    assert stage.provider().renew_subscription(made, NOW + LIFE) == NOW + LIFE
    stage.world.advance(2 * HOUR)
    stage.person_adds(STARTS_AT)
    stage.world.wait_for_notices()
    assert len(listener.heard) == 1


def test_one_that_has_ended_cannot_be_renewed(stage: MicrosoftStage, listener: Listener) -> None:
    """S6: 404, make another."""
    made = subscribe(stage, listener.address(), NOW + HOUR)
    stage.world.advance(2 * HOUR)
    with pytest.raises(SubscriptionGone):
        stage.provider().renew_subscription(made, NOW + LIFE)


def test_ending_twice_is_no_trouble(stage: MicrosoftStage, listener: Listener) -> None:
    made = subscribe(stage, listener.address())
    for _ in range(2):
        stage.provider().end_subscription(made)
    assert standing(stage) == set()


CALLS: list[Callable[[MicrosoftCalendar, str], object]] = [
    lambda calendar, url: calendar.subscribe(url, SECRET, NOW + LIFE),
    lambda calendar, url: calendar.renew_subscription("any", NOW + LIFE),
    lambda calendar, url: calendar.end_subscription("any"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("status", "raised"), [(503, ProviderUnavailable), (429, RateLimited)])
def test_a_busy_or_broken_microsoft_is_no_answer(
    stage: MicrosoftStage,
    listener: Listener,
    call: Callable[[MicrosoftCalendar, str], object],
    status: int,
    raised: type[ProviderError],
) -> None:
    """Neither "refused" nor "gone"."""
    stage.fail(status, times=None)
    with pytest.raises(raised):
        call(stage.provider(), listener.address())


def test_without_the_permission_nothing_is_told(stage: MicrosoftStage, listener: Listener) -> None:
    """403."""
    stage.fail(403, times=None)
    with pytest.raises(SubscriptionRefused):
        subscribe(stage, listener.address())


def test_a_proxy_s_page_does_not_end_a_subscription(stage: MicrosoftStage, listener: Listener) -> None:
    """style.md §7: gone only where Graph says so in its own words."""
    made = subscribe(stage, listener.address())
    stage.world.add_fault("garbage", path="/v1.0/", status=404, times=None)
    with pytest.raises(ProviderUnavailable):
        stage.provider().renew_subscription(made, NOW + LIFE)
