"""The set-up's step at Microsoft: one page for the app registration and what LateSync must know of it."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from latesync.consent import microsoft_client
from latesync.consent.microsoft_client import FormMistakes, MicrosoftClientForm
from latesync.read_overview import read_current_client
from latesync.set_up import Step
from latesync.store.set_up import USES, add_mark
from latesync.web.context import services
from latesync.web.desk import desk
from latesync.web.microsoft import PROVIDER, take
from latesync.web.microsoft_place import form_values, typed_form
from latesync.web.start import is_anybody_signed_in, step_address, step_page
from latesync.web.viewers import admin_only

blueprint = Blueprint("start_microsoft", __name__, url_prefix="/start/microsoft")


@blueprint.get("")
@admin_only
def page() -> ResponseReturnValue:
    return _page()


@blueprint.post("")
@admin_only
def save() -> ResponseReturnValue:
    if is_anybody_signed_in(PROVIDER):
        return redirect(url_for("microsoft.page"))  # which shows first what becomes of those signed in
    typed = typed_form()
    try:
        client = microsoft_client.read_form(desk(), typed)
    except FormMistakes as mistakes:
        return _page(typed, mistakes, 422)
    add_mark(services().database, services().site_id, USES[PROVIDER])
    take(client, microsoft_client.look_at_microsoft_client(desk(), client))
    return redirect(step_address(Step.MICROSOFT))


def _page(
    typed: MicrosoftClientForm | None = None, mistakes: FormMistakes | None = None, status: int = 200
) -> ResponseReturnValue:
    client = read_current_client(services(), PROVIDER)
    return step_page(
        Step.MICROSOFT,
        status,
        client=client,
        is_used=is_anybody_signed_in(PROVIDER),
        **form_values(client, typed, mistakes),
    )
