"""LatePoint's own calendar add-on beside LateSync: two programs would push every booking."""

from __future__ import annotations

import sqlite3

from latesync.checks.doctor import examine
from latesync.checks.findings import WRONG
from tests.web.salon import Salon


def test_an_add_on_of_latepoints_that_pushes_too_is_warned_of_with_the_way_out(salon: Salon) -> None:
    """users-ask.md U28: everything twice."""
    with sqlite3.connect(salon.services.config.home.parent / "site.db") as site:
        site.execute(
            "INSERT INTO wp_latepoint_settings (name, value) VALUES ('enable_google_calendar', 'on')"
        )
    (finding,) = [found for found in examine(salon.services) if found.subject == "official add-on"]
    assert finding.verdict == WRONG
    assert "every booking would be pushed twice" in finding.sentence
    assert "Switch it off in LatePoint" in finding.remedy
    page = salon.owner().get("/health").text
    assert "every booking would be pushed twice" in page


def test_without_such_an_add_on_nobody_is_warned(salon: Salon) -> None:
    assert [found for found in examine(salon.services) if found.subject == "official add-on"] == []
