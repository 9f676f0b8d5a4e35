"""The guided set-up: one page a step, for an owner who never saw Google's console."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from latesync.checks.state import check_worker
from latesync.consent.client_import import import_client
from latesync.errors import WrongInput
from latesync.model import AccountState
from latesync.options import Publishing
from latesync.plugin import read_plugin
from latesync.read_overview import read_current_client
from latesync.sentences import client_sentences
from latesync.sentences import set_up_sentences as sentences
from latesync.sentences.consent_sentences import publishing_said
from latesync.set_up import PROVIDER_OF, SetUp, Step, read_set_up
from latesync.store.accounts import list_accounts
from latesync.store.set_up import (
    FINISHED,
    PROJECT_DONE,
    USES,
    add_mark,
    choose_providers,
    read_early_publishing,
)
from latesync.web.context import now, overview, services
from latesync.web.desk import desk
from latesync.web.google import uploaded_file
from latesync.web.google_place import (
    google_place,
    keep_publishing,
    publishing_choices,
)
from latesync.web.viewers import admin_only

blueprint = Blueprint("start", __name__, url_prefix="/start")


@blueprint.get("")
@admin_only
def resume() -> ResponseReturnValue:
    step = read_set_up(services()).next_step
    return redirect(url_for("start.done") if step is None else step_address(step))


@blueprint.get("/calendars")
@admin_only
def calendars() -> ResponseReturnValue:
    state = read_set_up(services())
    fixed = {PROVIDER_OF[step] for step in (Step.CLIENT, Step.MICROSOFT) if step in state.done}
    return step_page(
        Step.CALENDARS,
        choices=[(provider, sentences.CALENDARS[provider], provider in fixed) for provider in USES],
        chosen=state.providers,
    )


@blueprint.post("/calendars")
@admin_only
def choose_calendars() -> ResponseReturnValue:
    """What is set up already stays, ticked or not."""
    choose_providers(services().database, services().site_id, set(request.form.getlist("provider")))
    state = read_set_up(services())
    if not state.providers:
        flash(sentences.NOTHING_CHOSEN, "error")
        return redirect(step_address(Step.CALENDARS))
    return redirect(step_address(_after(state, Step.CALENDARS) or Step.MAIL))


@blueprint.get("/project")
@admin_only
def project() -> ResponseReturnValue:
    client = read_current_client(services(), "google")
    early = read_early_publishing(services().database, services().site_id)
    said = client.publishing_status if client else early
    return step_page(Step.PROJECT, place=google_place(), choices=publishing_choices(), said=said or "")


@blueprint.post("/project/publishing")
@admin_only
def say_publishing() -> ResponseReturnValue:
    try:
        status = Publishing(request.form.get("publishing_status", ""))
    except ValueError:
        flash(sentences.PUBLISHING_UNKNOWN, "error")
    else:
        client = read_current_client(services(), "google")
        keep_publishing(status, client.id if client else None)
        flash(publishing_said(status), "success")
    return redirect(url_for("start.project", _anchor="publishing"))


@blueprint.get("/project/publishing")
@admin_only
def back_to_publishing() -> ResponseReturnValue:
    """For the back button and reloads: this address belongs to a button."""
    return redirect(url_for("start.project", _anchor="publishing"))


@blueprint.post("/project")
@admin_only
def project_is_made() -> ResponseReturnValue:
    """What was chosen on the page and not saved counts too: its own button is easily missed."""
    _keep_choice(request.form.get("publishing_status", ""))
    add_mark(services().database, services().site_id, PROJECT_DONE)
    add_mark(services().database, services().site_id, USES["google"])
    return redirect(step_address(Step.CLIENT))


@blueprint.get("/client")
@admin_only
def client() -> ResponseReturnValue:
    return _client_page()


@blueprint.post("/client")
@admin_only
def upload() -> ResponseReturnValue:
    if is_anybody_signed_in("google"):
        return redirect(url_for("google.page"))  # which shows first what becomes of those who are signed in
    try:
        file = import_client(desk(), uploaded_file())
    except WrongInput as exc:
        return _client_page(str(exc), 422)
    flash(client_sentences.FIRST_TAKEN, "success")
    for warning in file.warnings:
        flash(warning, "warning")
    return redirect(step_address(Step.CLIENT))


@blueprint.get("/done")
@admin_only
def done() -> ResponseReturnValue:
    found, state = overview(), read_set_up(services())
    (worker,) = check_worker(services())
    # Before these steps, what is missing is the steps themselves.
    remedies = found.remedies() if Step.SITE in state.done and state.has_client else []
    return render_template(
        "start_done.html",
        **_frame(state, None),
        worker=worker,
        remedies=[(remedy.text, _where(remedy.agent_id)) for remedy in remedies],
        has_mail=services().has_mail_server(),
        plugin=read_plugin(services()).standing(now()),
        step_titles=sentences.STEPS,
    )


@blueprint.post("/done")
@admin_only
def finish() -> ResponseReturnValue:
    add_mark(services().database, services().site_id, FINISHED)
    flash(sentences.FINISHED, "success")
    return redirect(url_for("admin.dashboard"))


def step_page(step: Step, status: int = 200, **values: object) -> ResponseReturnValue:
    frame = _frame(read_set_up(services()), step)
    return render_template(f"start_{step.value}.html", **frame, **values), status


def step_address(step: Step) -> str:
    pages = {
        Step.SITE: "start_site.page",
        Step.MICROSOFT: "start_microsoft.page",
        Step.MAIL: "start_mail.page",
        Step.AGENTS: "start_agents.page",
    }
    return url_for(pages.get(step, f"start.{step.value}"))


def _frame(state: SetUp, step: Step | None) -> dict[str, object]:
    """What every page of the set-up shows around its step."""
    # Who looks at the step of a provider they did not choose sees it among the others.
    order = [each for each in Step if each in state.steps or each is step]
    place = len(order) if step is None else order.index(step)
    return {
        "here": "start",
        "state": state,
        "step": step,
        "number": place + 1,
        "steps": [(each, sentences.STEPS[each.value], step_address(each)) for each in order],
        "before": step_address(order[place - 1]) if place else None,
        "after": step_address(order[place + 1]) if place + 1 < len(order) else url_for("start.done"),
        "heading": sentences.STEPS[step.value] if step else sentences.DONE,
    }


def _where(agent_id: int | None) -> str | None:
    return None if agent_id is None else url_for("admin.agent", agent_id=agent_id)


def _keep_choice(value: str) -> None:
    client = read_current_client(services(), "google")
    early = read_early_publishing(services().database, services().site_id)
    if value in list(Publishing) and value != (client.publishing_status if client else early):
        keep_publishing(Publishing(value), client.id if client else None)
        flash(publishing_said(Publishing(value)), "success")


def is_anybody_signed_in(provider: str) -> bool:
    """Whether another client means something to somebody."""
    accounts = list_accounts(services().database, services().site_id)
    return any(
        account.state is not AccountState.DISCONNECTED and account.provider == provider
        for account in accounts
    )


def _after(state: SetUp, step: Step) -> Step | None:
    later = list(Step)[list(Step).index(step) + 1 :]
    return next((each for each in later if each in state.steps), None)


def _client_page(error: str = "", status: int = 200) -> ResponseReturnValue:
    return step_page(
        Step.CLIENT,
        status,
        client=read_current_client(services(), "google"),
        is_used=is_anybody_signed_in("google"),
        place=google_place(),
        error=error,
    )
