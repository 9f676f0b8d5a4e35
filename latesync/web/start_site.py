"""First step of the set-up: the booking site's database."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import make_url

from latesync.bridge.addresses import is_same_site
from latesync.checks.findings import are_wrong
from latesync.checks.plugin import missing_table_lines
from latesync.checks.site import SITE, examine_connection
from latesync.errors import SchemaNotUnderstood, SiteUnavailable, WrongInput
from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.latepoint.kept_address import SiteAddress, write_kept_address
from latesync.latepoint.trial import Trial, TypedAddress, try_address
from latesync.model import AccountState
from latesync.sentences import set_up_sentences as sentences
from latesync.sentences.error_sentences import sentence_for
from latesync.set_up import Step
from latesync.store.accounts import list_accounts
from latesync.store.fingerprints import pull_forward
from latesync.web.context import now, services
from latesync.web.start import step_page
from latesync.web.viewers import admin_only

blueprint = Blueprint("start_site", __name__, url_prefix="/start/site")

_FIELDS = ("host", "port", "database", "user", "prefix")


@blueprint.get("")
@admin_only
def page() -> ResponseReturnValue:
    return _page(_kept_fields())


@blueprint.post("")
@admin_only
def connect() -> ResponseReturnValue:
    if _is_from_environment():
        flash(sentences.SITE_FROM_ENVIRONMENT, "warning")
        return redirect(url_for("start_site.page"))
    shown = {name: request.form.get(name, "").strip() for name in _FIELDS}
    try:
        trial = try_address(TypedAddress(**shown, password=_password(shown)))
        if trial.address is not None:
            _refuse_other_site(trial.address)
            write_kept_address(services().config.home, trial.address)
            flash(sentences.KEPT, "success")
            return redirect(url_for("start_site.page"))
    except WrongInput as exc:
        return _page(shown, error=str(exc), status=422)
    return _page(shown, trial=trial, status=422)


@blueprint.post("/tables")
@admin_only
def make_tables() -> ResponseReturnValue:
    """Make LateSync's own two tables beside LatePoint's, as far as the database's user may."""
    try:
        create_bridge_tables(services().site_engine, services().table_prefix())
    except SchemaNotUnderstood:
        flash(sentences.TABLES_REFUSED, "warning")
    except SiteUnavailable as exc:
        flash(sentence_for(exc), "error")
    else:
        # Whoever was connected without them waits for a retry.
        pull_forward(services().database, services().site_id, None, now(), outbound=True, inbound=True)
        flash(sentences.TABLES_MADE, "success")
    return redirect(url_for("start_site.page", _anchor="tables"))


@blueprint.get("/tables")
@admin_only
def back_to_page() -> ResponseReturnValue:
    """For the back button and reloads: this address belongs to a button."""
    return redirect(url_for("start_site.page"))


def _page(
    shown: dict[str, str], *, trial: Trial | None = None, error: str = "", status: int = 200
) -> ResponseReturnValue:
    is_known = services().has_site_address()
    findings = examine_connection(services()) if is_known else []
    return step_page(
        Step.SITE,
        status,
        shown=shown,
        trial=trial,
        trouble=sentences.trial_message(trial.code) if trial else None,
        error=error,
        is_fixed=_is_from_environment(),
        is_kept=not _is_from_environment() and services().has_site_address(),
        findings=findings,
        table_lines=missing_table_lines(services()) if is_known and not are_wrong(findings, SITE) else (),
    )


def _is_from_environment() -> bool:
    return services().config.site_database_url is not None


def _kept_fields() -> dict[str, str]:
    """What is kept, but for the password, which is never shown again."""
    fields = dict.fromkeys(_FIELDS, "")
    address = None if _is_from_environment() else _kept()
    if address is None:
        return fields
    url = make_url(address.url)
    host = f"{url.host}:{url.query['unix_socket']}" if "unix_socket" in url.query else url.host or ""
    return {
        "host": host,
        "port": str(url.port or ""),
        "database": url.database or "",
        "user": url.username or "",
        "prefix": address.prefix,
    }


def _password(shown: dict[str, str]) -> str:
    """What was typed; an empty field keeps the known password, for the same server and user only."""
    typed = request.form.get("password", "")
    address = None if typed else _kept()
    if address is None:
        return typed
    known = _kept_fields()
    is_same = all(shown[name] == known[name] for name in ("host", "port", "user"))
    return make_url(address.url).password or "" if is_same else ""


def _kept() -> SiteAddress | None:
    try:
        return services().site_address()
    except WrongInput:
        return None


def _refuse_other_site(found: SiteAddress) -> None:
    """While calendars are connected, another site's bookings must not take the place of this one's."""
    known = _kept()
    accounts = list_accounts(services().database, services().site_id)
    if known is None or all(account.state is AccountState.DISCONNECTED for account in accounts):
        return
    if known.home_url and found.home_url and not is_same_site(known.home_url, found.home_url):
        raise WrongInput(sentences.other_site(known.home_url, found.home_url))
