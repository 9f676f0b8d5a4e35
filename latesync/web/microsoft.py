"""The owner's page about Microsoft: the app registration, its secret's end, and its replacement."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from latesync.client_overview import read_agent_names, read_client_overview
from latesync.consent import microsoft_client
from latesync.consent.client_import import done_line, preview_lines
from latesync.consent.client_test import Verdict
from latesync.consent.microsoft_check import check_at_microsoft
from latesync.consent.microsoft_client import FormMistakes, MicrosoftClient, MicrosoftClientForm
from latesync.plan.client_replacement import Change, ClientReplacement
from latesync.read_overview import read_current_client
from latesync.sentences import client_sentences
from latesync.sentences import microsoft_page_sentences as sentences
from latesync.store.client_uploads import forget_upload
from latesync.web.asking_provider import ask_provider
from latesync.web.context import now, services
from latesync.web.desk import desk
from latesync.web.microsoft_place import form_values, typed_form
from latesync.web.viewers import admin_only

blueprint = Blueprint("microsoft", __name__, url_prefix="/microsoft")

PROVIDER = "microsoft"
WAITING = "microsoft_upload"  # in the session: the name of what waits for a yes


@blueprint.get("")
@admin_only
def page() -> ResponseReturnValue:
    return _page()


@blueprint.post("")
@admin_only
def save() -> ResponseReturnValue:
    """Taken at once where nobody has to sign in again; else the owner sees first what becomes of whom."""
    typed = typed_form()
    try:
        client = microsoft_client.read_form(desk(), typed)
        replacement = microsoft_client.look_at_microsoft_client(desk(), client)
        if replacement.change is Change.SAME_FILE:
            flash(sentences.SAME, "warning")
            return redirect(url_for("microsoft.page"))
        check_at_microsoft(services().microsoft, client, replacement, services().config.microsoft_callback)
    except FormMistakes as mistakes:
        return _page(typed, mistakes, 422)
    if replacement.change is Change.OTHER_CLIENT and replacement.needs_a_yes:
        _forget_waiting()
        session[WAITING] = microsoft_client.keep_microsoft_for_a_yes(desk(), client)
        return redirect(url_for("microsoft.preview"))
    take(client, replacement)
    return redirect(url_for("microsoft.page"))


@blueprint.get("/replace")
@admin_only
def preview() -> ResponseReturnValue:
    try:
        client = microsoft_client.read_kept_microsoft(desk(), session.get(WAITING, ""))
    except FormMistakes as mistakes:
        return _page(None, mistakes, 422)
    if client is None:
        return _too_late()
    replacement = microsoft_client.look_at_microsoft_client(desk(), client)
    return render_template(
        "replace_client.html",
        provider=PROVIDER,
        question=sentences.question(replacement.change is Change.SAME_CLIENT),
        lines=preview_lines(replacement, client, read_agent_names(services()), PROVIDER),
        new=client,
        seen=read_client_overview(services(), PROVIDER, now()),
    )


@blueprint.post("/replace")
@admin_only
def replace() -> ResponseReturnValue:
    try:
        done = microsoft_client.take_kept_microsoft(desk(), session.pop(WAITING, ""))
    except FormMistakes as mistakes:
        return _page(None, mistakes, 422)
    if done is None:
        return _too_late()
    flash(done_line(done, read_agent_names(services()), PROVIDER), "success")
    return redirect(url_for("microsoft.page"))


@blueprint.post("/keep")
@admin_only
def keep() -> ResponseReturnValue:
    _forget_waiting()
    flash(sentences.KEPT_OLD, "success")
    return redirect(url_for("microsoft.page"))


@blueprint.get("/keep")
@admin_only
def back_to_page() -> ResponseReturnValue:
    """For the back button and reloads: this address belongs to a button."""
    return redirect(url_for("microsoft.page"))


def take(client: MicrosoftClient, replacement: ClientReplacement) -> None:
    """Use what was typed in, and say at once what Microsoft thinks of it."""
    microsoft_client.take_microsoft_client(desk(), client)
    found = ask_provider(PROVIDER)
    if found is not None and found.verdict is Verdict.REFUSED:
        flash(f"{found.message.title}. {found.message.text} {sentences.WHAT_TO_DO}", "warning")
    else:
        flash(sentences.FIRST_TAKEN if replacement.change is Change.FIRST else sentences.CHANGED, "success")
    if found is not None and found.verdict is Verdict.UNKNOWN:
        flash(f"{found.message.title}. {found.message.text}", "warning")
    for warning in client.warnings:
        flash(warning, "warning")


def _page(
    typed: MicrosoftClientForm | None = None, mistakes: FormMistakes | None = None, status: int = 200
) -> ResponseReturnValue:
    seen = read_client_overview(services(), PROVIDER, now())
    client = seen.current.client if seen.current else None
    page = render_template(
        "microsoft.html",
        seen=seen,
        client_sentences=client_sentences,
        is_waiting=WAITING in session,
        is_locked=client is not None and read_current_client(services(), PROVIDER) is None,
        **form_values(client, typed, mistakes),
    )
    return page, status


def _too_late() -> ResponseReturnValue:
    session.pop(WAITING, None)
    flash(sentences.TOO_LATE, "warning")
    return redirect(url_for("microsoft.page"))


def _forget_waiting() -> None:
    waiting = session.pop(WAITING, None)
    if waiting:
        forget_upload(services().database, services().site_id, waiting)
