"""The part of `settings` about unusually many changes at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from latesync.options import SafetyLimits
    from latesync.services import Services


def typed_limits(services: Services, share: str | None, count: int | None) -> SafetyLimits | None:
    """What was typed, over what holds; None: nothing was. Raises WrongInput."""
    from latesync.plan.safety import parse_limits, share_text

    if share is None and count is None:
        return None
    holds = limits_now(services)
    return parse_limits(
        share_text(holds) if share is None else share, str(holds.count if count is None else count)
    )


def limits_now(services: Services) -> SafetyLimits:
    from latesync.options import SafetyLimits
    from latesync.store.choices import read_safety_limits

    return read_safety_limits(services.database, services.site_id) or SafetyLimits()


def show_limits(services: Services) -> None:
    from latesync.plan.safety import share_text
    from latesync.sentences.held_sentences import LIMITS

    limits = limits_now(services)
    options = f"--hold-above {share_text(limits)} --hold-count {limits.count}"
    click.echo(f"{LIMITS.title} ({options}): {LIMITS.text}")
