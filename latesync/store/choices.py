"""The owner's choices for a site, kept in `settings`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from latesync.model import EARLIER, BusyWay, DriftPolicy
from latesync.store.database import Database, writing
from latesync.store.drift import refuse_standing_drift
from latesync.store.fingerprints import pull_forward
from latesync.store.sites import read_setting, write_setting

_DRIFT_POLICY = "drift_policy"
_BUSY_WAY = "busy_way"


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
