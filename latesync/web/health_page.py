"""Everything `latesync doctor` checks, on a page."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from latesync.checks.doctor import PAGE_WAITS_S, examine_groups
from latesync.web.context import services
from latesync.web.viewers import admin_only

blueprint = Blueprint("health_page", __name__)


@blueprint.get("/health")
@admin_only
def page() -> ResponseReturnValue:
    groups = examine_groups(services(), within_s=PAGE_WAITS_S)
    return render_template(
        "health.html",
        groups=groups,
        needing=sum(finding.needs_person for group in groups for finding in group.findings),
    )
