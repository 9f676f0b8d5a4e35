"""The pages a person sees. No scripts but the one that posts a form back, which has a button beside it."""

from flask import render_template

from .identity_errors import Refused, Traced
from .persons import Person
from .scopes import in_words
from .signin import Ask, Return
from .state import Client, State


def choose_page(state: State, ask: Ask, action: str) -> str:
    persons = list(state.persons.values())
    return render_template("microsoft-choose.html", client=ask.client, persons=persons, action=action)


def consent_page(state: State, ask: Ask, person: Person, action: str) -> str:
    wanted = [in_words(scope) for scope in ask.scopes if scope not in ("openid", "profile", "email")]
    return render_template(
        "microsoft-consent.html",
        client=ask.client,
        person=person,
        wanted=wanted,
        others=len(state.persons) > 1,
        action=action,
    )


def error_page(refused: Refused, traced: Traced, action: str) -> str:
    """Where only an administrator can agree, the person may go back to the app (90094)."""
    return render_template("microsoft-error.html", refused=refused, traced=traced, action=action)


def admin_page(client: Client, action: str, *, is_done: bool = False) -> str:
    return render_template("microsoft-admin.html", client=client, action=action, is_done=is_done)


def posting_page(where: Return) -> str:
    """response_mode=form_post: the browser posts the answer to the callback."""
    return render_template("microsoft-post.html", uri=where.uri, fields=where.fields)


def front_page(state: State) -> str:
    return render_template("microsoft-front.html", persons=len(state.persons))
