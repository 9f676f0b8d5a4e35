"""A mail about an alarm as it is now to be said: whether it still holds, to whom, and the letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from latesync.consent.links import consent_stamp
from latesync.errors import SiteError, WrongInput
from latesync.mailing.drafts import Draft
from latesync.mailing.people import (
    address_of,
    find_agent,
    language_of,
    personal_mail_url,
    read_site_words,
)
from latesync.mailing.troubles import CLOSED
from latesync.model import AccountState
from latesync.notify.alarm_letters import (
    agent_alarm_letter,
    agent_all_clear_letter,
    owner_alarm_letter,
    owner_all_clear_letter,
)
from latesync.notify.reminder import ReminderValues
from latesync.sentences import alarm_sentences
from latesync.sentences.provider_words import company
from latesync.store import outbox
from latesync.store.accounts import read_account
from latesync.store.alarms import read_alarm
from latesync.store.mail_stops import admin_name, agent_name, is_stopped
from latesync.store.pauses import read_resting
from latesync.store.people import read_admin

if TYPE_CHECKING:
    from latesync.mailing.alarms import Alarms
    from latesync.plan.alarms import Trouble
    from latesync.plan.waking import WakingHours
    from latesync.services import Services
    from latesync.store.alarms import AlarmRow
    from latesync.store.outbox import MailRow

MAILS = frozenset({outbox.ALARM, outbox.ALL_CLEAR})


class AlarmDrafts:
    def __init__(self, services: Services, alarms: Alarms) -> None:
        self._services = services
        self._alarms = alarms

    def draft(self, row: MailRow, now: datetime, hours: WakingHours) -> Draft | str:
        """The mail, or the word it ends with because nobody needs it any more."""
        db, site_id = self._services.database, self._services.site_id
        _, number, *rest = row.key.split(":")
        alarm = read_alarm(db, site_id, int(number))
        if alarm is None:
            return outbox.NEEDLESS
        if row.kind == outbox.ALARM:
            return self._alarm(row, alarm, now, hours)
        return self._all_clear(row, alarm, ended=rest[0], hours=hours)

    def _alarm(self, row: MailRow, alarm: AlarmRow, now: datetime, hours: WakingHours) -> Draft | str:
        resting = read_resting(self._services.database, self._services.site_id)
        is_at_rest = resting.everybody_since or resting.since(alarm.agent_id)
        trouble = self._alarms.trouble_of(alarm, now) if alarm.is_open and not is_at_rest else None
        if trouble is None:
            return outbox.NEEDLESS
        if row.agent_id is not None:
            return self._to_agent(row, hours, is_over=False)
        # What has no time of its own began when it was first seen.
        trouble = replace(trouble, since=min(trouble.since, alarm.began_at))
        return self._to_admin(row, alarm, trouble, now, hours)

    def _all_clear(self, row: MailRow, alarm: AlarmRow, *, ended: str, hours: WakingHours) -> Draft | str:
        """Only to whom the alarm reached, and only while it stays over."""
        if alarm.ended_at is None or str(consent_stamp(alarm.ended_at)) != ended:
            return outbox.NEEDLESS
        if not self._was_told(row, alarm):
            return outbox.NEEDLESS
        if row.agent_id is not None:
            return self._to_agent(row, hours, is_over=True)
        return self._to_admin(row, alarm, None, alarm.ended_at, hours)

    def _was_told(self, row: MailRow, alarm: AlarmRow) -> bool:
        key = f"alarm:{alarm.id}:{row.agent_id or row.admin_id}"
        told = outbox.read_mail(self._services.database, self._services.site_id, key)
        return told is not None and told.ended_as == outbox.SENT

    def _to_admin(
        self, row: MailRow, alarm: AlarmRow, trouble: Trouble | None, at: datetime, hours: WakingHours
    ) -> Draft | str:
        """trouble: None when it is over, at that time."""
        services = self._services
        admin = read_admin(services.database, row.admin_id or 0)
        if admin is None:
            return outbox.NO_ADDRESS
        if is_stopped(services.database, services.site_id, admin_name(admin.id)):
            return outbox.STOPPED
        site_name, name = read_site_words(services).name, self._name_of(alarm.agent_id)
        path = f"/agents/{alarm.agent_id}" if alarm.agent_id else "/"
        url = f"{services.config.base_url}{path}"
        if trouble is None:
            said = alarm_sentences.all_clear(alarm.kind, at, hours.zone, name=name)
            letter = owner_all_clear_letter(said, site_name=site_name, url=url)
        else:
            said = alarm_sentences.alarm(_wrong(trouble, name), at, hours.zone)
            letter = owner_alarm_letter(said, site_name=site_name, url=url)
        return Draft(letter, admin.email, admin_name(admin.id))

    def _to_agent(self, row: MailRow, hours: WakingHours, *, is_over: bool) -> Draft | str:
        """Raises SiteError, WrongInput while the booking site does not say who the agent is."""
        services, agent_id = self._services, row.agent_id or 0
        if is_stopped(services.database, services.site_id, agent_name(agent_id)):
            return outbox.STOPPED
        account = read_account(services.database, row.account_id or 0)
        if account is None or account.state is AccountState.DISCONNECTED:
            return outbox.DISCONNECTED
        agent = find_agent(services, agent_id)
        recipient = address_of(agent, account)
        if recipient is None:
            return outbox.NO_ADDRESS
        words = read_site_words(services)
        language = language_of(account, words)
        values = ReminderValues(
            agent.name if agent else "", words.name, email=account.email, provider=company(account.provider)
        )
        if is_over:
            letter = agent_all_clear_letter(values, language=language, zone=hours.zone)
        else:
            url = personal_mail_url(services, account, agent_id)
            letter = agent_alarm_letter(values, language=language, zone=hours.zone, url=url)
        return Draft(letter, recipient, agent_name(agent_id))

    def _name_of(self, agent_id: int) -> str:
        if not agent_id:
            return ""
        try:
            agent = find_agent(self._services, agent_id)
        except (SiteError, WrongInput):
            agent = None
        return agent.name if agent else f"Agent {agent_id}"


def _wrong(trouble: Trouble, name: str) -> alarm_sentences.Wrong:
    return alarm_sentences.Wrong(
        trouble.kind,
        trouble.since,
        count=trouble.count,
        cause=trouble.cause,
        provider=trouble.provider,
        name=name,
        is_closed=trouble.cause == CLOSED,
    )
