"""Fourth step of the set-up: can LateSync write mails?"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from latesync.errors import MailError
from latesync.mailing.sending import send_test_mail
from latesync.notify.address import is_email
from latesync.sentences import set_up_sentences as sentences
from latesync.sentences.error_sentences import sentence_for
from latesync.set_up import Step
from latesync.store.set_up import MAIL_SKIPPED, MAIL_TESTED, add_mark, read_marks
from latesync.web.context import services
from latesync.web.start import step_address, step_page
from latesync.web.viewers import admin_only

blueprint = Blueprint("start_mail", __name__, url_prefix="/start/mail")


@blueprint.get("")
@admin_only
def page() -> ResponseReturnValue:
    return _page()


@blueprint.post("/test")
@admin_only
def send_test() -> ResponseReturnValue:
    recipient = request.form.get("recipient", "").strip()
    if not is_email(recipient):
        return _page(sentences.NO_ADDRESS, recipient, 422)
    if services().mailer is None:
        return _page(sentences.MAIL_NOT_SET, recipient, 422)
    try:
        send_test_mail(services(), recipient)
    except MailError as exc:
        return _page(sentence_for(exc), recipient, 422)
    add_mark(services().database, services().site_id, MAIL_TESTED)
    flash(sentences.MAIL_SENT, "success")
    return redirect(step_address(Step.MAIL))


@blueprint.get("/test")
@blueprint.get("/skip")
@admin_only
def back_to_page() -> ResponseReturnValue:
    """For the back button and reloads: these addresses belong to buttons."""
    return redirect(step_address(Step.MAIL))


@blueprint.post("/skip")
@admin_only
def skip() -> ResponseReturnValue:
    add_mark(services().database, services().site_id, MAIL_SKIPPED)
    flash(sentences.MAIL_SKIPPED, "warning")
    return redirect(step_address(Step.AGENTS))


def _page(error: str = "", recipient: str = "", status: int = 200) -> ResponseReturnValue:
    config = services().config
    return step_page(
        Step.MAIL,
        status,
        error=error,
        recipient=recipient,
        has_mail=services().mailer is not None,
        is_tested=services().mailer is not None
        and MAIL_TESTED in read_marks(services().database, services().site_id),
        sender=config.mail_sender,
        providers=sentences.MAIL_PROVIDERS,
    )
