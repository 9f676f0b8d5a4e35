"""The owner's choices for the site, each explained in plain words."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from latesync.errors import SiteError, WrongInput
from latesync.options import BusyWay, DriftPolicy, SafetyLimits, UnreadablePolicy, WhenUnreadable
from latesync.plan.safety import parse_limits, share_text
from latesync.plan.unreadable import MOST_HOURS, checked_hours
from latesync.plan.waking import parse_waking_hours, waking_hours_text
from latesync.plugin import read_plugin
from latesync.sentences import (
    busy_sentences,
    calendar_sentences,
    consent_sentences,
    drift_sentences,
    held_sentences,
)
from latesync.sentences.error_sentences import sentence_for
from latesync.store.choices import (
    read_busy_way,
    read_drift_policy,
    read_safety_limits,
    read_unreadable_policy,
    read_waking_hours,
    write_drift_policy,
    write_safety_limits,
    write_unreadable_policy,
    write_waking_hours,
)
from latesync.sync.busy_time import choose_busy_way
from latesync.web.context import now, services, zone
from latesync.web.viewers import admin_only

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


@blueprint.get("")
@admin_only
def page() -> ResponseReturnValue:
    database, site_id = services().database, services().site_id
    plugin = read_plugin(services())
    wakes_at, sleeps_at = read_waking_hours(database, site_id)
    heard_at = plugin.heard.heard_at if plugin.heard else None
    limits = read_safety_limits(database, site_id) or SafetyLimits()
    return render_template(
        "settings.html",
        drift_policies=[(policy.value, *_words(policy)) for policy in DriftPolicy],
        drift_policy=read_drift_policy(database, site_id).value,
        plugin_heard=drift_sentences.plugin_heard(heard_at, zone(), is_off=plugin.is_off),
        has_plugin=heard_at is not None and not plugin.is_off,
        busy_ways=[(way.value, words.title, words.text) for way, words in busy_sentences.WAYS.items()],
        busy_way=read_busy_way(database, site_id).value,
        unreadable=calendar_sentences.UNREADABLE,
        when_unreadable=[
            (then.value, words.title, words.text)
            for then, words in calendar_sentences.WHEN_UNREADABLE.items()
        ],
        unreadable_policy=read_unreadable_policy(database, site_id),
        most_hours=MOST_HOURS,
        limits_words=held_sentences.LIMITS,
        limits=limits,
        limits_share=round(limits.share * 100),
        waking=consent_sentences.WAKING_HOURS,
        wakes_at=f"{wakes_at:%H:%M}",
        sleeps_at=f"{sleeps_at:%H:%M}",
    )


@blueprint.post("/drift")
@admin_only
def choose_drift_policy() -> ResponseReturnValue:
    try:
        policy = DriftPolicy(request.form.get("policy", ""))
    except ValueError:
        flash("Choose one of the three, then press Save.", "error")
    else:
        write_drift_policy(services().database, services().site_id, policy, now())
        flash(drift_sentences.policy_chosen(policy), "success")
    return redirect(url_for("settings.page"))


@blueprint.post("/busy-time")
@admin_only
def choose_way_of_busy_time() -> ResponseReturnValue:
    try:
        way = BusyWay(request.form.get("way", ""))
    except ValueError:
        flash("Choose one of the two, then press Save.", "error")
        return redirect(url_for("settings.page", _anchor="busy-time"))
    try:
        warning = choose_busy_way(services().sync_parts(), way)
    except (WrongInput, SiteError) as exc:
        flash(f"Nothing was changed. {sentence_for(exc)}", "error")
    else:
        flash(busy_sentences.way_chosen(way), "success")
        if warning:
            flash(warning, "warning")
    return redirect(url_for("settings.page", _anchor="busy-time"))


@blueprint.post("/unreadable-calendar")
@admin_only
def choose_what_follows_unreadable() -> ResponseReturnValue:
    hours = request.form.get("hours", "").strip()
    try:
        then = WhenUnreadable(request.form.get("then", ""))
        policy = UnreadablePolicy(checked_hours(hours), then)
    except ValueError:
        flash(calendar_sentences.CHOOSE_ONE, "error")
    except WrongInput as exc:
        flash(f"Nothing was changed. {exc}", "error")
    else:
        write_unreadable_policy(services().database, services().site_id, policy, now())
        flash(calendar_sentences.policy_chosen(policy), "success")
    return redirect(url_for("settings.page", _anchor="unreadable-calendar"))


@blueprint.post("/limits")
@admin_only
def choose_limits() -> ResponseReturnValue:
    form = request.form
    try:
        limits = parse_limits(form.get("share", ""), form.get("count", ""))
    except WrongInput as exc:
        flash(f"Nothing was changed. {exc}", "error")
    else:
        write_safety_limits(services().database, services().site_id, limits, now())
        flash(held_sentences.limits_chosen(share_text(limits), limits.count), "success")
    return redirect(url_for("settings.page", _anchor="limits"))


@blueprint.post("/waking-hours")
@admin_only
def choose_waking_hours() -> ResponseReturnValue:
    # A browser's time field may add seconds.
    wanted = "-".join(request.form.get(name, "").strip()[:5] for name in ("start", "end"))
    try:
        start, end = parse_waking_hours(wanted)
    except WrongInput as exc:
        flash(f"Nothing was changed. {exc}", "error")
    else:
        write_waking_hours(services().database, services().site_id, start, end, now())
        flash(consent_sentences.waking_hours_chosen(waking_hours_text(start, end)), "success")
    return redirect(url_for("settings.page", _anchor="waking-hours"))


def _words(policy: DriftPolicy) -> tuple[str, str]:
    words = drift_sentences.POLICIES[policy]
    return words.title, words.text
