"""The owner's choices for a site, kept in `settings`."""

from __future__ import annotations

import json
from datetime import datetime, time

from sqlalchemy import Connection, delete, select, update

from latesync.model import EARLIER, AccountState
from latesync.options import (
    BusyWay,
    DriftPolicy,
    EventStatuses,
    SafetyLimits,
    UnreadablePolicy,
    WhenUnreadable,
)
from latesync.store.database import Database, writing
from latesync.store.drift import refuse_standing_drift
from latesync.store.fingerprints import pull_forward
from latesync.store.history import Entry, What, Who, record_history
from latesync.store.schema import accounts, calendars, settings
from latesync.store.sites import read_setting, write_setting

_DRIFT_POLICY = "drift_policy"
_BUSY_WAY = "busy_way"
_UNREADABLE = "unreadable_calendar"
_EVENT_STATUSES = "event_statuses"
_WAKING_HOURS = "waking_hours"
_MAIL_TEMPLATE = "mail_template"
_SAFETY_LIMITS = "safety_limits"
_MAILS_WAKE = (time(8), time(20))  # where nothing was chosen


def read_drift_policy(db: Database | Connection, site_id: str) -> DriftPolicy:
    """Restore where nothing was chosen, and where a newer program chose something we do not know."""
    value = read_setting(db, site_id, _DRIFT_POLICY)
    return DriftPolicy(value) if value in list(DriftPolicy) else DriftPolicy.RESTORE


def write_drift_policy(db: Database | Connection, site_id: str, policy: DriftPolicy, now: datetime) -> None:
    """Keep the choice and make every account due, both or neither: what has drifted already follows it.

    But no booking follows an event that was left, or not yet put back, under another choice: its agent
    did not mean a customer.
    """
    with writing(db) as connection:
        if policy is DriftPolicy.APPLY and read_drift_policy(connection, site_id) is not policy:
            refuse_standing_drift(connection, site_id, EARLIER, now)
        write_setting(connection, site_id, _DRIFT_POLICY, policy.value)
        record_choice(connection, site_id, _DRIFT_POLICY, now, chosen=policy.value)
        pull_forward(connection, site_id, None, now, outbound=True, inbound=False)


def read_busy_way(db: Database | Connection, site_id: str) -> BusyWay:
    """The plugin where nothing was chosen, and where a newer program chose something we do not know."""
    value = read_setting(db, site_id, _BUSY_WAY)
    return BusyWay(value) if value in list(BusyWay) else BusyWay.PLUGIN


def write_busy_way(db: Database | Connection, site_id: str, way: BusyWay, now: datetime) -> None:
    """Keep the choice and make every account due, both or neither: calendars are read and published anew."""
    with writing(db) as connection:
        write_setting(connection, site_id, _BUSY_WAY, way.value)
        record_choice(connection, site_id, _BUSY_WAY, now, chosen=way.value)
        pull_forward(connection, site_id, None, now, outbound=False, inbound=True)


def read_unreadable_policy(db: Database | Connection, site_id: str) -> UnreadablePolicy:
    """A day, then a warning, where nothing was chosen or a newer program chose what we do not know."""
    text = read_setting(db, site_id, _UNREADABLE)
    try:
        chosen = json.loads(text or "")
        return UnreadablePolicy(int(chosen["hours"]), WhenUnreadable(chosen["then"]))
    except (ValueError, TypeError, LookupError):
        return UnreadablePolicy()


def write_unreadable_policy(
    db: Database | Connection, site_id: str, policy: UnreadablePolicy, now: datetime
) -> None:
    """Keep the choice, and have what the form shows looked at again: it may be closed, or have been."""
    whose = select(accounts.c.id).where(
        accounts.c.site_id == site_id, accounts.c.state != AccountState.DISCONNECTED.value
    )
    with writing(db) as connection:
        value = {"hours": policy.hours, "then": policy.then.value}
        write_setting(connection, site_id, _UNREADABLE, json.dumps(value))
        connection.execute(
            update(calendars).where(calendars.c.account_id.in_(whose)).values(is_unpublished=True)
        )
        chosen = f"{policy.then.value} after {policy.hours} h"
        record_choice(connection, site_id, _UNREADABLE, now, chosen=chosen)


def read_event_statuses(db: Database | Connection, site_id: str) -> EventStatuses:
    """The site's own where nothing was chosen, or a newer program chose what we do not know."""
    try:
        chosen = json.loads(read_setting(db, site_id, _EVENT_STATUSES) or "")
        return EventStatuses(frozenset(map(str, chosen["also"])), chosen["keeps_cancelled"] is True)
    except (ValueError, TypeError, LookupError):
        return EventStatuses()


def write_event_statuses(
    db: Database | Connection, site_id: str, statuses: EventStatuses, now: datetime
) -> None:
    """Keep the choice and make every account due, both or neither."""
    value = {"also": sorted(statuses.also_wanted), "keeps_cancelled": statuses.keeps_cancelled}
    with writing(db) as connection:
        write_setting(connection, site_id, _EVENT_STATUSES, json.dumps(value))
        chosen = "keep cancelled" if statuses.keeps_cancelled else "delete cancelled"
        record_choice(connection, site_id, _EVENT_STATUSES, now, chosen=chosen)
        pull_forward(connection, site_id, None, now, outbound=True, inbound=False)


def read_waking_hours(db: Database | Connection, site_id: str) -> tuple[time, time]:
    """Between which times of the site's day mails go out; eight to eight where nothing was chosen."""
    first, _, last = (read_setting(db, site_id, _WAKING_HOURS) or "").partition("-")
    try:
        start, end = time.fromisoformat(first), time.fromisoformat(last)
    except ValueError:  # nothing was chosen, or a newer program writes it in another way
        return _MAILS_WAKE
    return (start, end) if start < end else _MAILS_WAKE


def write_waking_hours(
    db: Database | Connection, site_id: str, start: time, end: time, now: datetime
) -> None:
    """Keep the choice; start lies before end (plan/waking.py looks at that)."""
    hours = f"{start:%H:%M}-{end:%H:%M}"
    with writing(db) as connection:
        write_setting(connection, site_id, _WAKING_HOURS, hours)
        record_choice(connection, site_id, _WAKING_HOURS, now, chosen=hours)


def read_safety_limits(db: Database | Connection, site_id: str) -> SafetyLimits | None:
    """From where on a plan waits for a person; None where nothing was chosen, or not in words we know."""
    percent, _, count = (read_setting(db, site_id, _SAFETY_LIMITS) or "").partition(" ")
    try:
        return SafetyLimits(int(percent) / 100, int(count))
    except ValueError:
        return None


def write_safety_limits(db: Database | Connection, site_id: str, limits: SafetyLimits, now: datetime) -> None:
    """Keep the choice (plan/safety.py has read it). What waits by now waits on: somebody was told of it."""
    percent = round(limits.share * 100)
    with writing(db) as connection:
        write_setting(connection, site_id, _SAFETY_LIMITS, f"{percent} {limits.count}")
        record_choice(connection, site_id, _SAFETY_LIMITS, now, chosen=f"{percent}% {limits.count}")


def read_mail_template(db: Database | Connection, site_id: str, name: str) -> str | None:
    """The owner's own wording of a mail, as JSON; None: ours."""
    return read_setting(db, site_id, f"{_MAIL_TEMPLATE}.{name}")


def write_mail_template(
    db: Database | Connection, site_id: str, name: str, content: str | None, now: datetime
) -> None:
    """Keep the owner's own wording, or with None go back to ours."""
    setting = f"{_MAIL_TEMPLATE}.{name}"
    with writing(db) as connection:
        if content is not None:
            write_setting(connection, site_id, setting, content)
        else:
            of_name = (settings.c.site_id == site_id) & (settings.c.name == setting)
            connection.execute(delete(settings).where(of_name))
        record_choice(connection, site_id, _MAIL_TEMPLATE, now, chosen="ours" if content is None else "own")


def record_choice(connection: Connection, site_id: str, setting: str, now: datetime, *, chosen: str) -> None:
    """The owner changed a setting. chosen: a code, no words of theirs; saved as it was, it says so too."""
    entry = Entry(at=now, who=Who.OWNER, what=What.SETTINGS_CHANGED, why=setting, detail={"chosen": chosen})
    record_history(connection, site_id, [entry])
