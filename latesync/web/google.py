"""The owner's page about Google: the client and its replacement, how it is published, what it has spent."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from latesync.client_overview import read_agent_names, read_client_overview
from latesync.consent import client_import
from latesync.consent.client_file import LARGEST_FILE
from latesync.consent.providers import GOOGLE
from latesync.errors import LateSyncError, WrongInput
from latesync.messages import Message
from latesync.options import Publishing
from latesync.plan.client_replacement import Change
from latesync.read_overview import read_current_client
from latesync.sentences import client_sentences, consent_sentences
from latesync.store.client_uploads import forget_upload
from latesync.store.clients import write_publishing_status
from latesync.web.context import now, services
from latesync.web.desk import desk
from latesync.web.google_place import google_place, publishing_choices
from latesync.web.viewers import admin_only

blueprint = Blueprint("google", __name__, url_prefix="/google")

_LOG = logging.getLogger(__name__)
UPLOAD = "client_upload"  # in the session: the name of a file that waits for a yes
UNKNOWN = "unknown"


@blueprint.get("")
@admin_only
def page() -> ResponseReturnValue:
    return _page()


@blueprint.post("")
@admin_only
def upload() -> ResponseReturnValue:
    """Taken at once where nobody is signed in; else the owner sees first what becomes of whom."""
    try:
        file = client_import.read_file(desk(), uploaded_file())
    except WrongInput as exc:
        return _page(str(exc), 422)
    replacement = client_import.look_at(desk(), file)
    if replacement.change is Change.SAME_FILE:
        flash(client_import.same_file_line(desk()), "warning")
        return redirect(url_for("google.page"))
    if replacement.needs_a_yes:
        _forget_waiting()
        session[UPLOAD] = client_import.keep_for_a_yes(desk(), file)
        return redirect(url_for("google.preview"))
    client_import.take_client(desk(), file)
    flash(client_import.done_line(replacement, {}, GOOGLE), "success")
    for warning in file.warnings:
        flash(warning, "warning")
    return redirect(url_for("google.page"))


@blueprint.get("/replace")
@admin_only
def preview() -> ResponseReturnValue:
    try:
        file = client_import.read_kept(desk(), session.get(UPLOAD, ""))
    except WrongInput as exc:
        return _page(str(exc), 422)
    if file is None:
        return _too_late()
    replacement = client_import.look_at(desk(), file)
    return render_template(
        "replace_client.html",
        provider=GOOGLE,
        question=client_sentences.question(replacement.change, GOOGLE),
        lines=client_import.preview_lines(replacement, file, read_agent_names(services()), GOOGLE),
        new=file,
        seen=read_client_overview(services(), GOOGLE, now()),
    )


@blueprint.post("/replace")
@admin_only
def replace() -> ResponseReturnValue:
    try:
        done = client_import.take_kept(desk(), session.pop(UPLOAD, ""))
    except WrongInput as exc:
        return _page(str(exc), 422)
    if done is None:
        return _too_late()
    flash(client_import.done_line(done, read_agent_names(services()), GOOGLE), "success")
    return redirect(url_for("google.page"))


@blueprint.post("/keep")
@admin_only
def keep() -> ResponseReturnValue:
    _forget_waiting()
    flash(client_sentences.KEPT_OLD, "success")
    return redirect(url_for("google.page"))


@blueprint.get("/keep")
@admin_only
def back_to_page() -> ResponseReturnValue:
    """For the back button and reloads: this address belongs to a button."""
    return redirect(url_for("google.page"))


@blueprint.get("/publishing")
@admin_only
def back_to_publishing() -> ResponseReturnValue:
    return redirect(url_for("google.page", _anchor="publishing"))


@blueprint.post("/publishing")
@admin_only
def say_publishing() -> ResponseReturnValue:
    chosen = request.form.get("publishing_status", "")
    seen = read_client_overview(services(), GOOGLE, now())
    if seen.current is None:
        flash(client_sentences.NO_CLIENT_YET, "error")
    elif chosen not in (UNKNOWN, *Publishing):
        flash(client_sentences.PUBLISHING_UNKNOWN, "error")
    else:
        said = None if chosen == UNKNOWN else Publishing(chosen)
        write_publishing_status(services().database, seen.current.client.id, said)
        flash(consent_sentences.publishing_said(said), "success")
    return redirect(url_for("google.page", _anchor="publishing"))


@blueprint.after_app_request
def note_quota_use(response: Response) -> Response:
    """What this request asked of Google; nothing for almost every one."""
    try:
        services().calendars.record_quota_use()
    except LateSyncError as exc:
        _LOG.warning("quota not noted error=%s", type(exc).__name__)
    return response


def uploaded_file() -> bytes:
    """The chosen file, or the pasted text; one byte more than allowed shows that it is too large."""
    file = request.files.get("file")
    if file is not None and file.filename:
        return file.stream.read(LARGEST_FILE + 1)
    text = request.form.get("text", "").strip()
    if not text:
        raise WrongInput(client_sentences.NO_FILE)
    return text.encode()


def _page(error: str = "", status: int = 200) -> ResponseReturnValue:
    seen = read_client_overview(services(), GOOGLE, now())
    said = seen.publishing_status
    page = render_template(
        "google.html",
        seen=seen,
        place=google_place(),
        choices=[*publishing_choices(), (UNKNOWN, *_words(consent_sentences.PUBLISHING_NOT_SAID))],
        said=said.value if said else UNKNOWN,
        judgement=seen.judgement_words(),
        is_testing=seen.judgement is not None and seen.judgement.is_testing,
        sentences=consent_sentences,
        client_sentences=client_sentences,
        is_waiting=UPLOAD in session,
        is_locked=seen.current is not None and read_current_client(services(), GOOGLE) is None,
        error=error,
    )
    return page, status


def _words(message: Message) -> tuple[str, str]:
    return message.title, message.text


def _too_late() -> ResponseReturnValue:
    session.pop(UPLOAD, None)
    flash(client_sentences.TOO_LATE, "warning")
    return redirect(url_for("google.page"))


def _forget_waiting() -> None:
    waiting = session.pop(UPLOAD, None)
    if waiting:
        forget_upload(services().database, services().site_id, waiting)
