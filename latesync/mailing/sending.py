"""Mails: what is due goes into the outbox, what is in the outbox goes out. Who opens, closes and repeats.

A mail is claimed, looked at once more, sent, and recorded. Should a process die between the server's "taken"
and the record, the mail goes out again under the same Message-ID, which mail programs show once; nothing
else repeats, and nothing is lost.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from latesync.consent.links import consent_stamp
from latesync.errors import (
    MailError,
    MailNotAccepted,
    RecipientRefused,
    SiteError,
    WrongInput,
)
from latesync.mailing.alarm_drafts import MAILS as ALARM_MAILS
from latesync.mailing.alarm_drafts import AlarmDrafts
from latesync.mailing.alarms import Alarms
from latesync.mailing.digest import Digest
from latesync.mailing.drafts import Draft, Drafts
from latesync.mailing.people import (
    address_of,
    find_agent,
    personal_mail_url,
    read_site_words,
    stop_url,
)
from latesync.mailing.reminders import Reminders
from latesync.notify.address import ascii_domain, parse_mailbox
from latesync.notify.letters import build_message
from latesync.notify.reminder import test_letter
from latesync.plan.consent import next_attempt
from latesync.plan.waking import WakingHours, is_awake, next_waking
from latesync.read_overview import read_zone
from latesync.store import outbox
from latesync.store.accounts import active_account
from latesync.store.choices import read_waking_hours
from latesync.store.mail_stops import agent_name, is_stopped
from latesync.store.outbox import MailRow
from latesync.traces import origin_of

if TYPE_CHECKING:
    from latesync.notify.mailer import Mailer
    from latesync.services import Services

__all__ = ["Mailing", "invite", "personal_mail_url", "send_test_mail", "waking_hours"]

log = logging.getLogger(__name__)

# A server that is away costs its time limit for each mail; the rest waits for the next look.
FAILURES_IN_A_ROW = 3
_WORRYING = frozenset({outbox.NO_MAIL, outbox.NO_ADDRESS, outbox.REFUSED, outbox.EXPIRED})

# What wording a mail and making a message of it may raise: an address or a template nobody foresaw.
_NOT_WRITABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class _Outcome(Enum):
    SENT = "sent"
    DONE = "done"  # nothing was to be sent, or not now
    FAILED = "failed"  # it is tried again


class Mailing:
    """One per process. owner: a name no other process has; is_stopping: asked before every mail."""

    def __init__(
        self, services: Services, owner: str, *, is_stopping: Callable[[], bool] = lambda: False
    ) -> None:
        self._services = services
        self._owner = owner
        self._is_stopping = is_stopping
        self._reminders = Reminders(services)
        self._digest = Digest(services)
        self._alarms = Alarms(services)
        self._drafts = Drafts(services, self._reminders, self._digest)
        self._alarm_drafts = AlarmDrafts(services, self._alarms)

    def plan_mails(self, now: datetime, *, admins_only: bool = False) -> None:
        """Put what is due to be said into the outbox. Raises StateUnavailable.

        admins_only: the site may be a copy, whose agents must not be written to.
        """
        hours = waking_hours(self._services)
        if is_awake(now, hours) and not admins_only:
            self._reminders.plan(now, hours)
        self._alarms.plan(now, hours)  # before the digest, which does not repeat what an alarm says today
        if self._services.has_mail_server():
            self._digest.plan(now, hours)

    def send_due(self, now: datetime, *, admins_only: bool = False) -> int:
        """Send what is due; how many mails went out. Raises StateUnavailable."""
        services, sent, failures = self._services, 0, 0
        while failures < FAILURES_IN_A_ROW and not self._is_stopping():
            now = max(now, services.clock())
            row = outbox.claim_mail(
                services.database, services.site_id, self._owner, now, admins_only=admins_only
            )
            if row is None:
                break
            outcome = self._send(row, now)
            sent += outcome is _Outcome.SENT
            failures = failures + 1 if outcome is _Outcome.FAILED else 0
        return sent

    def _send(self, row: MailRow, now: datetime) -> _Outcome:
        hours = waking_hours(self._services)
        try:
            mailer = self._services.mailer
        except WrongInput:
            return self._try_again(row, "mail_server_unreadable", now, hours)
        if mailer is None:
            return self._end(row, outbox.NO_MAIL, now)
        if row.kind != outbox.INVITATION and not is_awake(now, hours):
            outbox.record_mail_put_off(self._services.database, row, next_waking(now, hours))
            return _Outcome.DONE
        try:
            drafts = self._alarm_drafts if row.kind in ALARM_MAILS else self._drafts
            draft = drafts.draft(row, now, hours)
            if isinstance(draft, str):
                return self._end(row, draft, now)
            self._hand_over(row, draft, mailer, now)
        except (SiteError, WrongInput):
            return self._try_again(row, "site_unavailable", now, hours)
        except RecipientRefused:
            return self._end(row, outbox.REFUSED, now)
        except MailError as exc:
            return self._try_again(row, exc.reason or "no_answer", now, hours)
        except _NOT_WRITABLE as exc:  # one mail that cannot be written must not hold up the others
            log.error('mail broke mail=%s kind=%s error="%s"', row.id, row.kind, origin_of(exc))
            return self._try_again(row, "internal_error", now, hours)
        return self._end(row, outbox.SENT, now)

    def _hand_over(self, row: MailRow, draft: Draft, mailer: Mailer, now: datetime) -> None:
        """Raises the mailer's errors."""
        message = build_message(
            draft.letter,
            sender=mailer.sender,
            recipient=draft.recipient,
            message_id=_message_id(row, mailer.sender),
            sent_at=now,
            stop_url=stop_url(self._services, draft.who),
        )
        mailer.send(message, draft.recipient)

    def _end(self, row: MailRow, ended_as: str, now: datetime) -> _Outcome:
        """Record how it ended and say so; what should have been read and is not is worth a warning."""
        if not outbox.record_mail_ended(self._services.database, row, ended_as, now):
            log.warning("mail not recorded mail=%s end=%s reason=lease_lost", row.id, ended_as)
            return _Outcome.DONE
        about = (row.kind, row.account_id, row.agent_id, row.admin_id, row.step)
        if ended_as == outbox.SENT:
            log.info("%s mailed account=%s agent=%s admin=%s step=%s", *about)
        else:
            level = logging.WARNING if ended_as in _WORRYING else logging.INFO
            log.log(level, "%s not mailed account=%s agent=%s admin=%s step=%s reason=%s", *about, ended_as)
        return _Outcome.SENT if ended_as == outbox.SENT else _Outcome.DONE

    def _try_again(self, row: MailRow, problem: str, now: datetime, hours: WakingHours) -> _Outcome:
        retry_at = next_attempt(now, row.attempts, hours, random.random())  # noqa: S311 - spreads retries only
        outbox.record_mail_failed(self._services.database, row, problem, retry_at)
        log.warning(
            "mail waits mail=%s kind=%s attempts=%s reason=%s", row.id, row.kind, row.attempts, problem
        )
        return _Outcome.FAILED


def waking_hours(services: Services) -> WakingHours:
    """When people are awake, by the site's zone; as last seen while the site does not answer."""
    start, end = read_waking_hours(services.database, services.site_id)
    try:
        zone = services.site.zone()
    except (SiteError, WrongInput):
        zone = read_zone(services)
    return WakingHours(start, end, zone)


def send_test_mail(services: Services, recipient: str) -> None:
    """Write to somebody at once, past the outbox.

    Raises MailError, where no mail server is configured MailNotAccepted("no_mail"); WrongInput where the one
    that is kept cannot be read.
    """
    mailer = services.mailer
    if mailer is None:
        raise MailNotAccepted(outbox.NO_MAIL)
    now = services.clock()
    message = build_message(
        test_letter(site_name=read_site_words(services).name),
        sender=mailer.sender,
        recipient=recipient,
        message_id=f"<test.{consent_stamp(now)}.{services.site_id}@{_domain(mailer.sender)}>",
        sent_at=now,
        stop_url=None,
    )
    mailer.send(message, recipient)


def invite(services: Services, agent_id: int, now: datetime) -> bool:
    """Put an agent's personal link into the outbox; it goes out within half a minute, at any hour.

    False: it cannot be sent (no mail server, no address, or the agent wants no mail).
    Raises SiteError, WrongInput.
    """
    db, site_id = services.database, services.site_id
    account = active_account(db, site_id, agent_id)
    address = address_of(find_agent(services, agent_id), account)
    if not services.has_mail_server() or address is None or is_stopped(db, site_id, agent_name(agent_id)):
        return False
    return outbox.put_invitation(
        db,
        site_id,
        f"invitation:{agent_id}:{consent_stamp(now)}",
        agent_id=agent_id,
        account_id=account.id if account else None,
        consented_at=account.consented_at if account else None,
        now=now,
    )


def _message_id(row: MailRow, sender: str) -> str:
    """The same for every attempt at the same mail, and another one's never: after a restore numbers are given
    anew, and a mail program would show only the first of two."""
    return f"<{row.id}.{consent_stamp(row.created_at)}.{row.site_id}@{_domain(sender)}>"


def _domain(sender: str) -> str:
    return ascii_domain(parse_mailbox(sender).domain)
