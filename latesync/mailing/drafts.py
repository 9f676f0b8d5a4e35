"""A mail of the outbox as it is now to be said: whether it is still wanted, to whom, and the letter."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from latesync.errors import SiteError, WrongInput
from latesync.mailing.digest import digest_items, needs_digest
from latesync.mailing.people import (
    address_of,
    companies_to_choose,
    find_agent,
    language_of,
    personal_mail_url,
    read_site_words,
)
from latesync.notify.reminder import ReminderValues, digest_letter, invitation_letter, reminder_letter
from latesync.notify.templates import template_from_json, template_name
from latesync.plan.consent import Step, still_makes_sense
from latesync.read_overview import count_waiting_bookings
from latesync.sentences.provider_words import company
from latesync.store import outbox
from latesync.store.accounts import active_account
from latesync.store.choices import read_mail_template
from latesync.store.consent_lives import read_held_consent
from latesync.store.mail_stops import admin_name, agent_name, is_stopped
from latesync.store.people import read_admin
from latesync.times import day_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from latesync.mailing.digest import Digest
    from latesync.mailing.reminders import Reminders
    from latesync.model import Agent
    from latesync.notify.letters import Letter
    from latesync.notify.templates import Template
    from latesync.plan.waking import WakingHours
    from latesync.services import Services
    from latesync.store.accounts import AccountRow
    from latesync.store.database import Database
    from latesync.store.outbox import MailRow

INVITATION_LIFE = timedelta(days=7)
# A booking site that is away for longer than these attempts (half an hour) keeps nobody from being told.
ATTEMPTS_FOR_SITE = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """recipient: an e-mail address. who: to be named when they want no more ("agent:3")."""

    letter: Letter = field(repr=False)
    recipient: str = field(repr=False)
    who: str


class Drafts:
    """Looks again at everything a mail rests on: it may have waited for hours."""

    def __init__(self, services: Services, reminders: Reminders, digest: Digest) -> None:
        self._services = services
        self._reminders = reminders
        self._digests = digest

    def draft(self, row: MailRow, now: datetime, hours: WakingHours) -> Draft | str:
        """The mail, or the word it ends with because it is not wanted any more.

        Raises SiteError, WrongInput while the booking site does not say who the agent is.
        """
        match row.kind:
            case outbox.REMINDER:
                return self._reminder(row, now, hours)
            case outbox.INVITATION:
                return self._invitation(row, now, hours)
            case outbox.DIGEST:
                return self._digest(row, now, hours)
        return outbox.NEEDLESS  # of a newer program, and it knows how to say it

    def _reminder(self, row: MailRow, now: datetime, hours: WakingHours) -> Draft | str:
        held = read_held_consent(self._services.database, row.account_id or 0)
        if held is None:
            return outbox.DISCONNECTED
        account = held.account
        if not self._is_about(row, active_account(*self._site, account.agent_id, account.provider)):
            return outbox.RENEWED
        waiting = count_waiting_bookings(self._services, account, now)
        life = self._reminders.life_of(held, now, waiting)
        if life is None or not still_makes_sense(Step(row.step), life, now):
            return outbox.NEEDLESS
        values = ReminderValues(
            agent_name="",
            site_name="",
            email=account.email,
            provider=company(account.provider),
            ends_at=life.ends_at,
            ended_at=life.ended_at,
            # While the sign-in lives, what waits at this moment is written in the next.
            waiting=waiting if life.ended_at is not None else 0,
        )
        return self._to_agent(row, account, partial(reminder_letter, row.step), values, hours)

    def _invitation(self, row: MailRow, now: datetime, hours: WakingHours) -> Draft | str:
        if now - row.created_at > INVITATION_LIFE:
            return outbox.EXPIRED
        account = active_account(*self._site, row.agent_id or 0)
        if not self._is_about(row, account):
            return outbox.RENEWED
        provider = companies_to_choose(self._services, account)
        values = ReminderValues(agent_name="", site_name="", provider=provider)
        return self._to_agent(row, account, invitation_letter, values, hours)

    def _to_agent(
        self,
        row: MailRow,
        account: AccountRow | None,
        write: Callable[..., Letter],
        values: ReminderValues,
        hours: WakingHours,
    ) -> Draft | str:
        """values: all but the names, which the site says."""
        services, agent_id = self._services, row.agent_id or 0
        if is_stopped(*self._site, agent_name(agent_id)):
            return outbox.STOPPED
        agent = self._find_agent(row, account)
        recipient = address_of(agent, account)
        if recipient is None:
            return outbox.NO_ADDRESS
        words = read_site_words(services)
        language = language_of(account, words)
        letter = write(
            replace(values, agent_name=agent.name if agent else "", site_name=words.name),
            language=language,
            zone=hours.zone,
            template=self._template(row.step or row.kind, language),
            url=personal_mail_url(services, account, agent_id),
        )
        return Draft(letter, recipient, agent_name(agent_id))

    def _digest(self, row: MailRow, now: datetime, hours: WakingHours) -> Draft | str:
        services = self._services
        admin = read_admin(services.database, row.admin_id or 0)
        if admin is None:
            return outbox.NO_ADDRESS
        if day_in(row.created_at, hours.zone) != day_in(now, hours.zone):
            return outbox.EXPIRED  # today's says it all
        if is_stopped(*self._site, admin_name(admin.id)):
            return outbox.STOPPED
        overview = self._digests.overview(now)
        if not needs_digest(overview):
            return outbox.NEEDLESS
        letter = digest_letter(
            digest_items(services, overview),
            site_name=read_site_words(services).name,
            url=f"{services.config.base_url}/",
        )
        return Draft(letter, admin.email, admin_name(admin.id))

    @property
    def _site(self) -> tuple[Database, str]:
        return self._services.database, self._services.site_id

    def _is_about(self, row: MailRow, account: AccountRow | None) -> bool:
        """Whether the agent still goes on with the account, and the consent, that the mail is about."""
        if account is None:
            return row.account_id is None
        return (account.id, account.consented_at) == (row.account_id, row.consented_at)

    def _find_agent(self, row: MailRow, account: AccountRow | None) -> Agent | None:
        try:
            return find_agent(self._services, row.agent_id or 0)
        except (SiteError, WrongInput):
            if account is None or row.attempts < ATTEMPTS_FOR_SITE:
                raise
            return None  # their own account's address will do

    def _template(self, step: str, language: str) -> Template | None:
        return template_from_json(read_mail_template(*self._site, template_name(step, language)))
