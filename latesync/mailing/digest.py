"""The admins' digest: one a site day to each, while something needs a person.

Since when it does is kept in a setting, so that a restart does not begin anew; what heals within a quarter
of an hour is no alarm (users-ask.md U14). What an alarm said today (mailing/alarms.py) is no reason for a
digest on the same day, and stands in it where there is another.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from latesync.notify.reminder import DigestItem
from latesync.plan.alarms import Kind
from latesync.plan.waking import is_awake
from latesync.read_overview import read_overview
from latesync.sentences.mail_sentences import last_mail
from latesync.store.alarms import told_since
from latesync.store.outbox import DIGEST, MailRow, last_mails, put_mail
from latesync.store.people import list_admins
from latesync.store.sites import read_setting, write_setting
from latesync.times import Zone, day_in, midnight

if TYPE_CHECKING:
    from latesync.overview import Overview, Remedy
    from latesync.plan.waking import WakingHours
    from latesync.services import Services

PATIENCE = timedelta(minutes=15)
# The overview reads every account and the booking site: too much for each of the mail thread's looks.
LOOK_EVERY = timedelta(minutes=5)
# After a start, or a machine's sleep, due work is old until the worker has taken it up: not for want of one.
WAKING_UP = timedelta(minutes=1)
_NEEDED_SINCE = "person_needed_since"


class Digest:
    """Remembers when it last looked, and since when it has been asked to without a break."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._looked_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._woke_at: datetime | None = None

    def plan(self, now: datetime, hours: WakingHours) -> None:
        """Put today's digests into the outbox, once, when something has needed a person for long enough."""
        if self._asked_at is None or now - self._asked_at > LOOK_EVERY:
            self._woke_at = now
        self._asked_at = now
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        overview = self.overview(now)
        since = self._needed_since(overview, now)
        if since is None or now - since < PATIENCE or not is_awake(now, hours):
            return
        db, site_id = self._services.database, self._services.site_id
        day = day_in(now, hours.zone)
        told = told_since(db, site_id, midnight(day, hours.zone))
        if all(_is_among(remedy, told) for remedy in overview.remedies()):
            return
        for admin in list_admins(db):
            key = f"digest:{admin.id}:{day.isoformat()}"
            put_mail(db, site_id, key, DIGEST, admin_id=admin.id, now=now, due_at=now)

    def overview(self, now: datetime) -> Overview:
        """How everything does, as a digest tells it."""
        overview = read_overview(self._services, now)
        if self._woke_at is not None and timedelta(0) <= now - self._woke_at < WAKING_UP:
            return replace(overview, work_late_since=None)
        return overview

    def _needed_since(self, overview: Overview, now: datetime) -> datetime | None:
        """Since when something needs a person, as far as anybody looked; None when nothing does."""
        db, site_id = self._services.database, self._services.site_id
        known = _instant(read_setting(db, site_id, _NEEDED_SINCE))
        if not needs_digest(overview):
            if known is not None:
                write_setting(db, site_id, _NEEDED_SINCE, "")
            return None
        if known is None:
            write_setting(db, site_id, _NEEDED_SINCE, now.isoformat())
        return known or now


def needs_digest(overview: Overview) -> bool:
    """While everything is paused, whatever is wrong is nobody's concern."""
    return overview.health.paused_since is None and overview.needs_person


def _is_among(remedy: Remedy, told: set[tuple[str, int]]) -> bool:
    """Whether an alarm has said it; the owner need not read it twice a day.

    What is weeks ahead has a mail for each of its stages, and no daily one.
    """
    if remedy.about is None or remedy.about is Kind.SECRET_ENDS:
        return remedy.about is not None
    return bool({(remedy.about.value, 0), (remedy.about.value, remedy.agent_id or 0)} & told)


def digest_items(services: Services, overview: Overview) -> list[DigestItem]:
    """What needs a person, and beside what concerns an agent, what was last mailed to them."""
    mailed = last_mails(services.database, services.site_id)
    return [
        DigestItem(remedy.text, _told(mailed.get(remedy.agent_id or 0), overview.zone))
        for remedy in overview.remedies()
    ]


def _told(mail: MailRow | None, zone: Zone) -> str | None:
    if mail is None:
        return None
    return last_mail(mail.kind, mail.step, mail.ended_as, mail.ended_at or mail.created_at, zone)


def _instant(text: str | None) -> datetime | None:
    """None also for what a newer program may write."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else None
