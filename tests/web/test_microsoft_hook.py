"""Microsoft tells that a calendar changed (microsoft-graph.md §9)."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from latesync.model import Stop
from latesync.store.accounts import list_accounts, read_account, record_disconnected
from latesync.store.identity import stop_site
from latesync.store.leases import claim_due, release
from latesync.store.subscriptions import list_subscriptions, read_subscription, record_subscription
from tests.web.salon import DANA, Salon

SECRET = "a secret of this subscription"


@pytest.fixture
def watched(salon: Salon) -> Salon:
    """Dana's calendars were read just now, and Microsoft tells of changes."""
    salon.upload()
    salon.connect(DANA)
    services, now = salon.services, salon.clock()
    (account,) = list_accounts(services.database, services.site_id)
    claim_due(services.database, "worker", now, lease=timedelta(minutes=1), limit=1)
    release(
        services.database,
        "worker",
        account.id,
        now,
        outbound_due_at=None,
        inbound_due_at=now + timedelta(hours=1),
        failures=0,
        problem=None,
        outbound_good=True,
        inbound_good=True,
    )
    record_subscription(
        services.database,
        account.id,
        "Sub-1",
        secret=SECRET,
        notify_url="https://sync.example.com/hooks/microsoft",
        expires_at=now + timedelta(days=2),
        now=now,
    )
    return salon


def note(**changes: Any) -> dict[str, Any]:
    told = {"subscriptionId": "Sub-1", "clientState": SECRET, "changeType": "updated", "resource": "…"}
    return {"value": [told | changes]}


def is_due(salon: Salon) -> bool:
    (account,) = list_accounts(salon.services.database, salon.services.site_id)
    row = read_account(salon.services.database, account.id)
    assert row is not None
    return row.inbound_due_at is not None and row.inbound_due_at <= salon.clock()


def test_the_handshake_gets_its_token_back_as_plain_text(salon: Salon) -> None:
    """S2: 200, text/plain, the decoded token."""
    answer = salon.visitor().post("/hooks/microsoft?validationToken=Validation%3A+Testing%20%3Cb%3E%C3%BC")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.text == "Validation: Testing <b>ü"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_change_lets_the_calendars_be_read_at_once(watched: Salon) -> None:
    assert not is_due(watched)
    answer = watched.visitor().post("/hooks/microsoft", json=note())
    assert (answer.status_code, answer.text) == (202, "")
    assert is_due(watched)


@pytest.mark.parametrize(
    "told",
    [note(clientState="guessed"), note(subscriptionId="sub-1"), note(clientState=None), {"value": "odd"}, []],
)
def test_what_is_not_microsoft_s_is_answered_alike_and_does_nothing(watched: Salon, told: Any) -> None:
    """Whoever guesses learns nothing; a refusal would only make Microsoft repeat itself (S3)."""
    answer = watched.visitor().post("/hooks/microsoft", json=told)
    assert (answer.status_code, answer.text) == (202, "")
    assert not is_due(watched)


def test_notes_that_are_no_json_do_nothing(watched: Salon) -> None:
    assert watched.visitor().post("/hooks/microsoft", data=b"<xml/>").status_code == 202
    assert not is_due(watched)


def test_a_note_far_too_long_is_refused(watched: Salon) -> None:
    answer = watched.visitor().post("/hooks/microsoft", json=note(resource="x" * 300_000))
    assert answer.status_code == 413
    assert not is_due(watched)


def test_a_subscription_that_must_be_authorised_anew_is_renewed_soon(watched: Salon) -> None:
    """S5: reauthorizationRequired."""
    watched.visitor().post("/hooks/microsoft", json=note(lifecycleEvent="reauthorizationRequired"))
    (account,) = list_accounts(watched.services.database, watched.services.site_id)
    row = read_subscription(watched.services.database, account.id)
    assert row is not None
    assert row.expires_at == watched.clock() + timedelta(hours=1)


def test_a_subscription_that_was_removed_is_forgotten_and_the_calendars_are_read(watched: Salon) -> None:
    """S5: subscriptionRemoved."""
    watched.visitor().post("/hooks/microsoft", json=note(lifecycleEvent="subscriptionRemoved"))
    assert list_subscriptions(watched.services.database, watched.services.site_id) == []
    assert is_due(watched)


def test_missed_notes_let_the_calendars_be_read(watched: Salon) -> None:
    """S5: missed."""
    watched.visitor().post("/hooks/microsoft", json=note(lifecycleEvent="missed"))
    assert is_due(watched)


def test_while_the_site_is_stopped_nothing_is_read(watched: Salon) -> None:
    """It may be a copy: a person has to say first."""
    services = watched.services
    stop_site(services.database, services.site_id, Stop.OTHER_HOME, None, watched.clock())
    assert watched.visitor().post("/hooks/microsoft", json=note()).status_code == 202
    assert not is_due(watched)


def test_an_account_that_was_disconnected_is_not_read(watched: Salon) -> None:
    (account,) = list_accounts(watched.services.database, watched.services.site_id)
    record_disconnected(watched.services.database, account.id, watched.clock())
    assert watched.visitor().post("/hooks/microsoft", json=note()).status_code == 202
    assert not is_due(watched)


def test_nothing_of_a_note_is_logged(watched: Salon, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    watched.visitor().post("/hooks/microsoft", json=note(resource="Users/dana@example.com/Events/AAMk"))
    watched.visitor().post("/hooks/microsoft?validationToken=opaque-token")
    for secret in (SECRET, "AAMk", "opaque-token"):
        assert secret not in caplog.text
