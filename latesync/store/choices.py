"""The owner's choices for a site, kept in `settings`."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import Connection, delete

from latesync.model import EARLIER, BusyWay, DriftPolicy
from latesync.store.database import Database, writing
from latesync.store.drift import refuse_standing_drift
from latesync.store.fingerprints import pull_forward
from latesync.store.schema import settings
from latesync.store.sites import read_setting, write_setting

_DRIFT_POLICY = "drift_policy"
_BUSY_WAY = "busy_way"
_WAKING_HOURS = "waking_hours"
_MAIL_TEMPLATE = "mail_template"
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
        pull_forward(connection, site_id, None, now, outbound=True, inbound=False)


def read_busy_way(db: Database | Connection, site_id: str) -> BusyWay:
    """The plugin where nothing was chosen, and where a newer program chose something we do not know."""
    value = read_setting(db, site_id, _BUSY_WAY)
    return BusyWay(value) if value in list(BusyWay) else BusyWay.PLUGIN


def write_busy_way(db: Database | Connection, site_id: str, way: BusyWay, now: datetime) -> None:
    """Keep the choice and make every account due, both or neither: calendars are read and published anew."""
    with writing(db) as connection:
        write_setting(connection, site_id, _BUSY_WAY, way.value)
        pull_forward(connection, site_id, None, now, outbound=False, inbound=True)


def read_waking_hours(db: Database | Connection, site_id: str) -> tuple[time, time]:
    """Between which times of the site's day mails go out; eight to eight where nothing was chosen."""
    first, _, last = (read_setting(db, site_id, _WAKING_HOURS) or "").partition("-")
    try:
        start, end = time.fromisoformat(first), time.fromisoformat(last)
    except ValueError:  # nothing was chosen, or a newer program writes it in another way
        return _MAILS_WAKE
    return (start, end) if start < end else _MAILS_WAKE


def write_waking_hours(db: Database | Connection, site_id: str, start: time, end: time) -> None:
    """Keep the choice; start lies before end (plan/waking.py looks at that)."""
    write_setting(db, site_id, _WAKING_HOURS, f"{start:%H:%M}-{end:%H:%M}")


def read_mail_template(db: Database | Connection, site_id: str, name: str) -> str | None:
    """The owner's own wording of a mail, as JSON; None: ours."""
    return read_setting(db, site_id, f"{_MAIL_TEMPLATE}.{name}")


def write_mail_template(db: Database | Connection, site_id: str, name: str, content: str | None) -> None:
    """Keep the owner's own wording, or with None go back to ours."""
    setting = f"{_MAIL_TEMPLATE}.{name}"
    if content is not None:
        write_setting(db, site_id, setting, content)
        return
    with writing(db) as connection:
        connection.execute(delete(settings).where(settings.c.site_id == site_id, settings.c.name == setting))
