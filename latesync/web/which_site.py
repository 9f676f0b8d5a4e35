"""“Is this a move or a copy?”: the page that asks, and the stop of every button until it is answered."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from latesync.errors import SiteError, StateUnavailable, WrongInput
from latesync.sentences import identity_sentences
from latesync.sentences.error_sentences import sentence_for
from latesync.store.identity import IdentityRow, confirm_move, read_identity
from latesync.sync.identity import become_copy
from latesync.web.context import now, services
from latesync.web.problems import message_page
from latesync.web.viewers import admin_only, current_viewer

blueprint = Blueprint("which_site", __name__, url_prefix="/which-site")

# What may be pressed while nobody has answered: signing in and out, the answer itself, another booking site's
# address where the wrong one was typed in, and what changes nothing of the site's.
_ALLOWED = frozenset(
    {"entrance", "which_site", "start_site", "site_hook", "microsoft_hook", "mail_stop", "sign_in_help"}
)
_BEGINS_CONSENT = "provider_return.callback"  # a GET, and yet it ends in an account
_ASKS_NO_STATE = frozenset({"static", "health.livez", "health.readyz"})


def add_stop(app: Flask) -> None:
    app.before_request(_follow_site)


def _follow_site() -> ResponseReturnValue | None:
    """Each request sees the site as it is now, whichever process has changed it.

    While a person has to answer, no button does anything: in a copy, even disconnecting would sign the
    original's agents out at Google.
    """
    g.stopped_for = None
    if request.endpoint in _ASKS_NO_STATE:
        return None
    with suppress(StateUnavailable):  # the page itself says so
        g.stopped_for = services().follow_site()
    is_act = request.method == "POST" or request.endpoint == _BEGINS_CONSENT
    if g.stopped_for is None or not is_act or request.blueprint in _ALLOWED:
        return None
    if current_viewer().is_admin:
        ways = (("To the question", url_for("which_site.page")),)
        return message_page(identity_sentences.ANSWER_FIRST, 409, ways)
    return message_page(identity_sentences.RESTS, 503)


@blueprint.get("")
@admin_only
def page() -> ResponseReturnValue:
    known = _known()
    stop = known.stopped_for
    return render_template(
        "which_site.html",
        known=known,
        question=identity_sentences.QUESTION,
        why=identity_sentences.why_stopped(stop) if stop else "",
        move=identity_sentences.move(stop) if stop else None,
        copy=identity_sentences.copy(stop) if stop else None,
        word=identity_sentences.COPY_WORD,
        works_for=identity_sentences.works_for(known.home_url),
    )


@blueprint.post("/moved")
@admin_only
def moved() -> ResponseReturnValue:
    if confirm_move(services().database, services().site_id, _seen(), now()):
        flash(identity_sentences.MOVED, "success")
        return redirect(url_for("admin.dashboard"))
    flash(identity_sentences.CHANGED_MEANWHILE, "warning")
    return redirect(url_for("which_site.page"))


@blueprint.post("/copy")
@admin_only
def copy() -> ResponseReturnValue:
    if request.form.get("word", "").strip().casefold() != identity_sentences.COPY_WORD:
        flash(identity_sentences.TYPE_THE_WORD, "error")
        return redirect(url_for("which_site.page"))
    known = _known()
    if known.stopped_for is None:
        flash(identity_sentences.NO_QUESTION, "warning")
        return redirect(url_for("which_site.page"))
    if known.seen_home_url != _seen():
        flash(identity_sentences.CHANGED_MEANWHILE, "warning")
        return redirect(url_for("which_site.page"))
    try:
        copied = become_copy(services().sync_parts(), known.seen_home_url)
    except (SiteError, WrongInput) as exc:
        flash(sentence_for(exc), "error")
        return redirect(url_for("which_site.page"))
    services().follow_site()
    flash(identity_sentences.became_copy(copied.busy_removed), "success")
    return redirect(url_for("admin.dashboard"))


def _seen() -> str | None:
    """The other address, as the person read it; None where the question is not about one."""
    return request.form.get("seen") or None


def _known() -> IdentityRow:
    found = read_identity(services().database, services().site_id)
    return found or IdentityRow(None, None, None, None, None, None)
