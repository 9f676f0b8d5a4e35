"""The owner's own wording of the mails to agents: choose, edit, look, save, go back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from latesync.mailing.people import companies_to_choose, read_site_words
from latesync.notify.letters import Letter, letter_html, letter_text
from latesync.notify.reminder import ReminderValues, invitation_letter, reminder_letter
from latesync.notify.templates import (
    LONGEST_SUBJECT,
    VARIABLES,
    Template,
    check_template,
    default_template,
    template_from_json,
    template_name,
    template_to_json,
)
from latesync.notify.texts import DEFAULT_LANGUAGE, INVITATION, LANGUAGES
from latesync.store.choices import read_mail_template, write_mail_template
from latesync.web.context import now, services, zone
from latesync.web.viewers import admin_only

blueprint = Blueprint("letters", __name__, url_prefix="/settings/letters")

# The order in which they would be sent, the invitation first.
STEPS = {
    INVITATION: "Invitation to connect a calendar",
    "two_days": "Two days before the sign-in ends",
    "one_day": "One day before the sign-in ends",
    "ended": "The sign-in has ended",
    "still_waiting": "A day later, while bookings wait",
    "new_client": "You have replaced the client file or the app",
}
# A frame's own document obeys the page's policy, and letters carry their styles in their tags.
_PREVIEW_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
_SAVED = "Saved. The next mails of this kind say it in your words."
_STANDARD = "The standard text is back."


@dataclass(frozen=True)
class _Chosen:
    """Which letter is being looked at."""

    step: str
    language: str

    @property
    def name(self) -> str:
        return template_name(self.step, self.language)


@blueprint.get("")
@admin_only
def page() -> ResponseReturnValue:
    chosen = _chosen(request.args.get("step", ""), request.args.get("language", ""))
    own = _own_template(chosen)
    return _page(chosen, own or default_template(chosen.step, chosen.language), is_own=own is not None)


@blueprint.post("")
@admin_only
def save() -> ResponseReturnValue:
    chosen, typed = _posted()
    problems = check_template(typed.subject, typed.body)
    if problems:
        return _page(chosen, typed, problems=problems), 422
    # Our own words are not kept as the owner's: they may become better with a later version.
    is_ours = typed == default_template(chosen.step, chosen.language)
    kept = None if is_ours else template_to_json(typed)
    write_mail_template(services().database, services().site_id, chosen.name, kept, now())
    flash(_SAVED if kept else _STANDARD, "success")
    return _back_to(chosen)


@blueprint.get("/preview")
@blueprint.get("/standard")
@admin_only
def back_to_page() -> ResponseReturnValue:
    """For the back button and reloads: these addresses belong to buttons."""
    return redirect(url_for("letters.page"))


@blueprint.post("/preview")
@admin_only
def preview() -> ResponseReturnValue:
    """The same page with what was typed, unsaved, and the letter below it."""
    chosen, typed = _posted()
    problems = check_template(typed.subject, typed.body)
    if problems:
        return _page(chosen, typed, problems=problems), 422
    return _page(chosen, typed, letter=_sample(chosen, typed))


@blueprint.post("/standard")
@admin_only
def standard() -> ResponseReturnValue:
    chosen, _ = _posted()
    write_mail_template(services().database, services().site_id, chosen.name, None, now())
    flash(_STANDARD, "success")
    return _back_to(chosen)


def _page(
    chosen: _Chosen,
    template: Template,
    *,
    is_own: bool | None = None,
    problems: list[str] | None = None,
    letter: Letter | None = None,
) -> Response:
    if is_own is None:
        is_own = _own_template(chosen) is not None
    stop = f"{services().config.base_url}/mail/stop/…"
    response = make_response(
        render_template(
            "letters.html",
            chosen=chosen,
            template=template,
            is_own=is_own,
            problems=problems or [],
            letter=letter,
            letter_html=letter_html(letter, stop) if letter else "",
            letter_text=letter_text(letter, stop) if letter else "",
            steps=STEPS,
            languages=LANGUAGES,
            variables=VARIABLES,
            longest_subject=LONGEST_SUBJECT,
        )
    )
    if letter:
        response.headers["Content-Security-Policy"] = _PREVIEW_POLICY
    return response


def _sample(chosen: _Chosen, template: Template) -> Letter:
    """The letter as an agent might get it; nobody is named who exists."""
    values = ReminderValues(
        agent_name="Dana Reyes",
        site_name=read_site_words(services()).name or "Your site",
        provider=companies_to_choose(services(), None),
        email="" if chosen.step == INVITATION else "dana@example.com",
        ends_at=now() + timedelta(days=1),
        ended_at=now(),
        waiting=None if chosen.step == INVITATION else 3,
    )
    url = f"{services().config.base_url}/connect/…"
    if chosen.step == INVITATION:
        return invitation_letter(values, language=chosen.language, zone=zone(), template=template, url=url)
    return reminder_letter(
        chosen.step, values, language=chosen.language, zone=zone(), template=template, url=url
    )


def _own_template(chosen: _Chosen) -> Template | None:
    return template_from_json(read_mail_template(services().database, services().site_id, chosen.name))


def _posted() -> tuple[_Chosen, Template]:
    step, language = request.form.get("step", ""), request.form.get("language", "")
    if step not in STEPS or language not in LANGUAGES:
        abort(400)
    body = request.form.get("body", "").replace("\r\n", "\n")  # browsers send a form's lines so
    return _Chosen(step, language), Template(request.form.get("subject", "").strip(), body.strip())


def _chosen(step: str, language: str) -> _Chosen:
    """The first letter, in the site's language, where nothing (or nothing we have) was chosen."""
    return _Chosen(
        step if step in STEPS else next(iter(STEPS)),
        language if language in LANGUAGES else read_site_words(services()).language or DEFAULT_LANGUAGE,
    )


def _back_to(chosen: _Chosen) -> ResponseReturnValue:
    return redirect(url_for("letters.page", step=chosen.step, language=chosen.language))
