"""Fourth step of the set-up: can LateSync write mails?"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from latesync.errors import MailError, WrongInput
from latesync.mailing.people import read_site_words
from latesync.mailing.sending import send_test_mail
from latesync.notify.address import is_email, parse_mailbox
from latesync.notify.kept_server import forget_kept_server, write_kept_server
from latesync.notify.mail_server import MailServer, typed_address, typed_sender
from latesync.notify.mailer import Mailer
from latesync.sentences import set_up_sentences as sentences
from latesync.sentences.error_sentences import sentence_for
from latesync.set_up import Step, is_mail_tested
from latesync.store.people import list_admins
from latesync.store.set_up import MAIL_SKIPPED, add_mark, remove_mark, write_tested_server
from latesync.web.context import services
from latesync.web.start import step_address, step_page
from latesync.web.viewers import admin_only, current_admin

blueprint = Blueprint("start_mail", __name__, url_prefix="/start/mail")

_FIELDS = ("host", "port", "user", "tls", "sender_address", "sender_name")
# Somebody waits before the page; a server that is slower than that holds up mails, too.
_TIMEOUT_S, _WHOLE_S = 8.0, 20.0


@blueprint.get("")
@admin_only
def page() -> ResponseReturnValue:
    return _page()


@blueprint.post("")
@admin_only
def keep() -> ResponseReturnValue:
    """Try the mail server that was typed; only one that lets us in is kept."""
    if _is_from_environment():
        return _changed_elsewhere()
    shown = {name: request.form.get(name, "").strip() for name in _FIELDS}
    try:
        server = _typed(shown)
        Mailer(server.address, server.sender, timeout_s=_TIMEOUT_S, whole_s=_WHOLE_S).check()
    except (MailError, WrongInput) as exc:
        host = shown["host"].rpartition("@")[2]  # before it a password may stand, of an address pasted whole
        return _page(shown=shown | {"host": host}, error=sentence_for(exc), status=422)
    write_kept_server(services().config.home, server)
    remove_mark(services().database, services().site_id, MAIL_SKIPPED)
    flash(sentences.MAIL_SERVER_KEPT, "success")
    return redirect(step_address(Step.MAIL))


@blueprint.post("/remove")
@admin_only
def remove() -> ResponseReturnValue:
    if _is_from_environment():
        return _changed_elsewhere()
    forget_kept_server(services().config.home)
    flash(sentences.MAIL_SERVER_FORGOTTEN, "warning")
    return redirect(step_address(Step.MAIL))


@blueprint.post("/test")
@admin_only
def send_test() -> ResponseReturnValue:
    recipient = request.form.get("recipient", "").strip()
    if not is_email(recipient):
        return _page(recipient=recipient, test_error=sentences.NO_ADDRESS, status=422)
    server = _known()
    if server is None:
        return _page(recipient=recipient, test_error=sentences.MAIL_NOT_SET, status=422)
    try:
        send_test_mail(services(), recipient)
    except (MailError, WrongInput) as exc:
        return _page(recipient=recipient, test_error=sentence_for(exc), status=422)
    write_tested_server(services().database, services().site_id, server.stamp)
    flash(sentences.MAIL_SENT, "success")
    return redirect(step_address(Step.MAIL))


@blueprint.get("/remove")
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


def _page(
    *,
    shown: dict[str, str] | None = None,
    error: str = "",
    recipient: str | None = None,
    test_error: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """shown: what was typed; None: what is kept. test_error: of the test message."""
    server, unreadable = None, ""
    try:
        server = services().mail_server()
    except WrongInput as exc:
        unreadable = str(exc)
    return step_page(
        Step.MAIL,
        status,
        server=server,
        shown=shown or _known_fields(server),
        error=error,
        unreadable=unreadable,
        recipient=_own_address() if recipient is None else recipient,
        test_error=test_error,
        is_fixed=_is_from_environment(),
        fixed_sender=services().config.mail_from,
        is_tested=is_mail_tested(services()),
        encryptions=sentences.ENCRYPTIONS,
        providers=sentences.MAIL_PROVIDERS,
    )


def _changed_elsewhere() -> ResponseReturnValue:
    flash(sentences.MAIL_FROM_ENVIRONMENT, "warning")
    return redirect(step_address(Step.MAIL))


def _is_from_environment() -> bool:
    return services().config.smtp_url is not None


def _typed(shown: dict[str, str]) -> MailServer:
    """Raises WrongInput."""
    password = _password(shown)
    address = typed_address(shown["host"], shown["port"], shown["user"], password, shown["tls"])
    fixed = services().config.mail_from
    return MailServer(address, fixed or typed_sender(shown["sender_name"], shown["sender_address"]))


def _password(shown: dict[str, str]) -> str:
    """What was typed; an empty field keeps the known password, for the same server and user only."""
    typed = request.form.get("password", "")
    known = None if typed else _known()
    if known is None:
        return typed
    address = known.address
    is_same = (shown["host"], shown["port"], shown["user"]) == (address.host, str(address.port), address.user)
    return address.password or "" if is_same else ""


def _known_fields(server: MailServer | None) -> dict[str, str]:
    """What is kept, but for the password, which is never shown again; before that, what may fit."""
    if server is None:
        return {
            "host": "",
            "port": "587",
            "user": "",
            "tls": "auto",
            "sender_address": _own_address(),
            "sender_name": read_site_words(services()).name,
        }
    address, mailbox = server.address, parse_mailbox(server.sender)
    return {
        "host": address.host,
        "port": str(address.port),
        "user": address.user or "",
        "tls": address.tls,
        "sender_address": mailbox.addr_spec,
        "sender_name": mailbox.display_name,
    }


def _known() -> MailServer | None:
    try:
        return services().mail_server()
    except WrongInput:
        return None


def _own_address() -> str:
    """Who looks; after a one-time link, which names nobody, the first of the admins."""
    admins = [current_admin(), *list_admins(services().database)]
    return next((admin.email for admin in admins if admin and is_email(admin.email)), "")
