"""Outlook tells of changes: LateSync's real web server, what the worker keeps, and the stand-in, together.

microsoft-graph.md §9.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from latesync.checks.findings import FINE, NOTE
from latesync.checks.microsoft import check_telling
from latesync.consent.flow import disconnect
from latesync.plan.subscriptions import BETWEEN_RENEWALS, LIFE, REFUSED_FOR, RENEWED_BEFORE
from latesync.sandbox.microsoft import outlook
from latesync.sandbox.microsoft.graph_state import Mailbox
from latesync.sandbox.serving import Served
from latesync.store.accounts import AccountRow, list_accounts
from latesync.store.leases import claim_due, release
from latesync.store.subscriptions import (
    SubscriptionRow,
    forget_subscription,
    read_subscription,
    record_subscription,
)
from latesync.sync.subscriptions import SubscriptionKeeper
from latesync.worker import Worker
from tests.services.ports import free_port
from tests.web.salon import BEN, DANA, Salon, open_salon

OUTLOOK = "dana@outlook.example"
MINUTE = timedelta(minutes=1)


@dataclass
class Told:
    """Dana's Outlook, and a LateSync that is told of what changes there."""

    salon: Salon
    keeper: SubscriptionKeeper

    @property
    def mailbox(self) -> Mailbox:
        return self.salon.microsoft.mailbox(OUTLOOK)

    def account(self, agent_id: int = DANA) -> AccountRow:
        found = self.salon.account(agent_id, "microsoft")
        assert found is not None
        return found

    def row(self) -> SubscriptionRow | None:
        return read_subscription(self.salon.services.database, self.account().id)

    def standing(self) -> list[str]:
        """What Microsoft has of us."""
        return list(self.mailbox.subscriptions)

    def advance(self, by: timedelta) -> None:
        self.salon.clock.advance(by)
        self.salon.microsoft.advance(by)

    def read_everything(self) -> None:
        """As the worker's runs do: nothing is due for the next hour."""
        services, now = self.salon.services, self.salon.clock()
        claimed = claim_due(services.database, "worker", now, lease=MINUTE, limit=9)
        for claim in claimed:
            release(
                services.database,
                "worker",
                claim.account.id,
                now,
                outbound_due_at=None,
                inbound_due_at=now + timedelta(hours=1),
                failures=0,
                problem=None,
                outbound_good=True,
                inbound_good=True,
            )

    def due(self) -> list[int]:
        """The agents whose calendars are to be read now."""
        rows = list_accounts(self.salon.services.database, self.salon.services.site_id)
        return [
            row.agent_id for row in rows if row.inbound_due_at and row.inbound_due_at <= self.salon.clock()
        ]

    def somebody_invites(self) -> None:
        """And Microsoft has told whom it wanted to."""
        moment = {"timeZone": "UTC"}
        body = {
            "subject": "Dentist",
            "start": {**moment, "dateTime": "2026-11-24T09:00:00"},
            "end": {**moment, "dateTime": "2026-11-24T10:00:00"},
        }
        outlook.put_event(self.mailbox, body)
        self.salon.microsoft.wait_for_notices()

    def microsoft_says(self, event: str) -> None:
        self.salon.microsoft.send_lifecycle(OUTLOOK, event)
        self.salon.microsoft.wait_for_notices()

    def at_another_address(self) -> SubscriptionKeeper:
        """The same LateSync, once its address is another one; it still answers at both."""
        services = self.salon.services
        urls = {name: url.replace("127.0.0.1", "localhost") for name, url in services.notify_urls().items()}
        return SubscriptionKeeper(services.sync_parts(), urls)


@pytest.fixture
def told(tmp_path: Path, empty_state: Path) -> Iterator[Told]:
    port = free_port()
    with open_salon(tmp_path, f"http://127.0.0.1:{port}", state=empty_state) as salon:
        salon.register()
        salon.connect_outlook(DANA, OUTLOOK)
        with Served(salon.app, port):
            found = Told(salon, Worker(salon.services).subscriber)
            found.keeper.keep()
            found.read_everything()
            yield found


def test_a_change_in_outlook_is_read_at_once_without_a_poll(told: Told) -> None:
    assert told.due() == []
    told.somebody_invites()
    assert told.due() == [DANA]


def test_while_it_lasts_nothing_is_asked(told: Told) -> None:
    asked = len(told.salon.microsoft.requests)
    for _ in range(3):
        told.keeper.keep()
    assert len(told.salon.microsoft.requests) == asked


def test_it_is_renewed_a_day_before_its_end_and_not_twice(told: Told) -> None:
    (before,) = told.standing()
    told.advance(LIFE - RENEWED_BEFORE + MINUTE)
    told.keeper.keep()
    row = told.row()
    assert row is not None
    assert (row.remote_id, row.expires_at) == (before, told.salon.clock() + LIFE)
    assert told.standing() == [before]


def test_what_must_be_authorised_anew_is_renewed_and_not_again_within_ten_minutes(told: Told) -> None:
    """S5: reauthorizationRequired, which Microsoft repeats."""
    told.advance(timedelta(hours=5))
    told.microsoft_says("reauthorizationRequired")
    told.keeper.keep()
    row = told.row()
    assert row is not None
    assert row.expires_at == told.salon.clock() + LIFE
    told.microsoft_says("reauthorizationRequired")
    asked = len(told.salon.microsoft.requests)
    told.keeper.keep()
    assert len(told.salon.microsoft.requests) == asked
    told.advance(BETWEEN_RENEWALS)
    told.keeper.keep()
    assert len(told.salon.microsoft.requests) > asked


def test_one_that_microsoft_removed_is_made_anew_and_the_calendars_are_read(told: Told) -> None:
    """S5: subscriptionRemoved."""
    (before,) = told.standing()
    told.microsoft_says("subscriptionRemoved")
    assert (told.due(), told.row(), told.standing()) == ([DANA], None, [])
    told.read_everything()
    told.keeper.keep()
    assert told.due() == [DANA]  # what changed between the two, nobody told
    assert told.standing() != [before]
    told.read_everything()
    told.somebody_invites()
    assert told.due() == [DANA]


def test_one_that_is_gone_without_a_word_is_made_anew_and_the_calendars_are_read(told: Told) -> None:
    """S6: 404."""
    told.mailbox.subscriptions.clear()
    told.advance(LIFE - RENEWED_BEFORE + MINUTE)
    told.read_everything()
    told.keeper.keep()
    row = told.row()
    assert row is not None
    assert told.standing() == [row.remote_id]
    assert told.due() == [DANA]


def test_one_whose_secret_is_lost_is_made_anew(told: Told) -> None:
    """An older backup was restored on another machine; 409 (S6)."""
    (before,) = told.standing()
    forget_subscription(told.salon.services.database, told.account().id, before)
    told.keeper.keep()
    row = told.row()
    assert row is not None
    assert told.standing() == [row.remote_id] != [before]


def test_after_our_address_became_another_one_microsoft_tells_there(told: Told) -> None:
    (before,) = told.standing()
    told.at_another_address().keep()
    (subscription,) = told.mailbox.subscriptions.values()
    assert subscription.id != before
    assert urlsplit(subscription.url).hostname == "localhost"
    told.read_everything()
    told.somebody_invites()
    assert told.due() == [DANA]


def test_a_copy_of_the_site_leaves_the_original_s_subscription_alone(told: Told) -> None:
    """Another LateSync has one with the same app: we are refused, ask rarely, and poll."""
    (mine,) = told.mailbox.subscriptions.values()
    mine.url = "https://the.original.example.com/hooks/microsoft"
    forget_subscription(told.salon.services.database, told.account().id, mine.id)
    told.keeper.keep()
    asked = len(told.salon.microsoft.requests)
    told.keeper.keep()
    assert (told.standing(), told.row(), len(told.salon.microsoft.requests)) == ([mine.id], None, asked)
    told.advance(REFUSED_FOR)
    told.keeper.keep()
    assert len(told.salon.microsoft.requests) > asked


def test_two_agents_with_one_mailbox_are_both_told_by_one_subscription(told: Told) -> None:
    """S6: a second one would be refused, or end the first."""
    told.salon.connect_outlook(BEN, OUTLOOK)
    before = told.standing()
    told.keeper.keep()
    assert told.standing() == before
    told.read_everything()
    told.somebody_invites()
    assert sorted(told.due()) == [BEN, DANA]


def test_when_the_one_who_is_told_leaves_the_other_is_told(told: Told) -> None:
    told.salon.connect_outlook(BEN, OUTLOOK)
    disconnect(told.salon.services.consent_desk(), told.account())
    assert told.standing() == []
    told.keeper.keep()
    told.read_everything()
    told.somebody_invites()
    assert told.due() == [BEN]


def test_disconnecting_ends_it_at_microsoft(told: Told) -> None:
    account = told.account()
    disconnect(told.salon.services.consent_desk(), account)
    assert told.standing() == []
    assert read_subscription(told.salon.services.database, account.id) is None
    told.keeper.keep()
    assert told.standing() == []


def test_disconnecting_works_while_microsoft_is_down(told: Told) -> None:
    account = told.account()
    told.salon.microsoft.add_fault("status", path="/v1.0/", status=503, times=None)
    disconnect(told.salon.services.consent_desk(), account)
    assert told.salon.account(DANA, "microsoft") is None
    assert read_subscription(told.salon.services.database, account.id) is None
    told.somebody_invites()  # what Microsoft still tells is nobody's
    assert told.due() == []


def test_a_microsoft_that_does_not_answer_is_left_in_peace_for_a_while(told: Told) -> None:
    forget_subscription(told.salon.services.database, told.account().id, told.standing()[0])
    told.salon.microsoft.add_fault("status", path="/v1.0/", status=503, times=None)
    told.keeper.keep()
    asked = len(told.salon.microsoft.requests)
    told.keeper.keep()
    assert len(told.salon.microsoft.requests) == asked
    told.salon.microsoft.clear_faults()
    told.advance(3 * MINUTE)
    told.keeper.keep()
    assert told.row() is not None


def test_a_subscription_that_is_shorter_than_a_day_is_kept_up(told: Told) -> None:
    """S1: Microsoft may grant less than was asked for."""
    row = told.row()
    assert row is not None
    record_subscription(
        told.salon.services.database,
        row.account_id,
        row.remote_id,
        secret="unknown",
        notify_url=told.salon.services.notify_urls()["microsoft"],
        expires_at=told.salon.clock() + 45 * MINUTE,
        now=told.salon.clock(),
    )
    told.keeper.keep()
    renewed = told.row()
    assert renewed is not None
    assert renewed.expires_at == told.salon.clock() + LIFE


def test_doctor_says_whether_changes_are_told_or_looked_for(told: Told) -> None:
    services = told.salon.services
    (found,) = check_telling(services)
    assert (found.verdict, found.sentence) == (FINE, "told at once")
    told.microsoft_says("subscriptionRemoved")
    (found,) = check_telling(services)
    assert found.verdict == NOTE
    assert "for 1 calendar account of 1" in found.sentence
    assert "POST requests to /hooks/microsoft." in found.remedy
    services.config = replace(services.config, microsoft_base_url=None)
    (found,) = check_telling(services)
    assert found.verdict == NOTE
    assert "no https address that Microsoft can reach" in found.sentence
