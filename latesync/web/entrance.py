"""The ways in and out of the owner's pages: set-up link, password, one-time link, sign-out."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from latesync.consent.links import read_setup_token
from latesync.consent.passwords import hash_password, is_password
from latesync.errors import WrongInput
from latesync.messages import Message
from latesync.notify.address import is_email
from latesync.set_up import read_set_up
from latesync.store.people import count_admins, create_admin, find_admin, read_admin
from latesync.web.context import now, services
from latesync.web.owner_link import use_owner_link
from latesync.web.problems import message_page
from latesync.web.viewers import current_viewer, let_in_admin, let_out

blueprint = Blueprint("entrance", __name__)

_USED_SETUP = Message(
    "LateSync is already set up",
    "This link has done its work: there is an owner’s account. Sign in with its e-mail address and password.",
)
_USED_LINK = Message(
    "This link no longer works",
    "It opens LateSync once, within ten minutes. Start the demo again for a new one, or use a password.",
)
_SIGNED_OUT = Message("You are signed out", "You can close this page.")


@blueprint.get("/setup/<token>")
def setup(token: str) -> ResponseReturnValue:
    return _setup_refusal(token) or render_template("setup.html", email="")


@blueprint.post("/setup/<token>")
def set_up(token: str) -> ResponseReturnValue:
    refusal = _setup_refusal(token)
    if refusal is not None:
        return refusal
    email, password = _email(), request.form.get("password", "")
    try:
        if password != request.form.get("again", ""):
            raise WrongInput("The two passwords are not the same. Type them once more.")
        admin_id = _create_first_admin(email, hash_password(password))
    except WrongInput as exc:
        flash(str(exc), "error")
        return render_template("setup.html", email=email), 422
    if admin_id is None:  # somebody else was faster
        return _already_set_up()
    let_in_admin(services(), read_admin(services().database, admin_id))
    flash("Welcome. Your account is made.", "success")
    return redirect(url_for("start.resume"))


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    if current_viewer().is_admin:
        return redirect(url_for("admin.dashboard"))
    return _sign_in_page("", 200)


@blueprint.post("/sign-in")
def check_password() -> ResponseReturnValue:
    email = _email()
    admin = find_admin(services().database, email)
    if not is_password(admin.password_hash if admin else None, request.form.get("password", "")):
        flash("The e-mail address or the password is wrong. Check both and try again.", "error")
        return _sign_in_page(email, 401)
    let_in_admin(services(), admin)
    return redirect(url_for("start.resume" if read_set_up(services()).leads else "admin.dashboard"))


@blueprint.get("/sign-in/<token>")
def owner_link(token: str) -> ResponseReturnValue:
    if request.method != "GET":  # HEAD, by somebody who looks where a link leads
        abort(405)
    if not use_owner_link(services(), token, now()):
        return message_page(_USED_LINK, 410, (("Sign in", url_for("entrance.sign_in")),))
    let_in_admin(services(), None)
    return redirect(url_for("admin.dashboard"))


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    let_out()
    return message_page(_SIGNED_OUT, 200, (("Sign in", url_for("entrance.sign_in")),))


def _create_first_admin(email: str, password_hash: str) -> int | None:
    """None when there is an admin by now."""
    if not is_email(email):
        raise WrongInput("That is not an e-mail address. Write it like you@example.com.")
    with services().database.write_alone("first admin") as connection:
        if count_admins(connection):
            return None
        return create_admin(connection, email, password_hash, now())


def _setup_refusal(token: str) -> ResponseReturnValue | None:
    try:
        read_setup_token(services().secret_key, token, now=now())
    except WrongInput as exc:
        return message_page(Message("This set-up link does not work", str(exc)), 410)
    return _already_set_up() if count_admins(services().database) else None


def _already_set_up() -> ResponseReturnValue:
    return message_page(_USED_SETUP, 410, (("Sign in", url_for("entrance.sign_in")),))


def _sign_in_page(email: str, status: int) -> ResponseReturnValue:
    has_admin = count_admins(services().database) > 0
    return render_template("sign_in.html", email=email, has_admin=has_admin), status


def _email() -> str:
    return request.form.get("email", "").strip()
