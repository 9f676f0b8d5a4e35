"""When somebody must be told that a client's secret ends (microsoft-graph.md M2). Pure.

At its end all agents of that client stand still at once (AADSTS7000222), and no call tells the date: it is
what the owner said when they gave the secret.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import IntEnum


class Stage(IntEnum):
    """How many days before the end it begins; each is told once."""

    MONTH = 30
    WEEK = 7
    DAY = 1
    ENDED = -1  # on its last day it still holds, or may


def secret_stage(ends_on: date, today: date) -> Stage | None:
    """The stage that has come last; None while the end is far away. today: in the site's zone."""
    left = (ends_on - today).days
    return min((stage for stage in Stage if left <= stage), default=None)


def stage_begins(stage: Stage, ends_on: date) -> date:
    return ends_on - timedelta(days=int(stage))
