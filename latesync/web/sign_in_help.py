"""The page that explains what went wrong on a provider's page: for anybody, since nobody is signed in there.

What is pasted may hold addresses: it is looked at and forgotten, and stands in no log and no address.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from latesync.consent.client_test import Verdict
from latesync.messages import Message
from latesync.sentences.provider_words import company
from latesync.sentences.sign_in_sentences import sign_in_refused
from latesync.sign_in_troubles import TROUBLES, Provider, Trouble, find_troubles, trouble_named, words
from latesync.web.asking_provider import ask_provider
from latesync.web.context import now
from latesync.web.problems import message_page
from latesync.web.providers import known_providers
from latesync.web.troubles import show
from latesync.web.viewers import admin_only

blueprint = Blueprint("sign_in_help", __name__, url_prefix="/sign-in-help")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """`?code=` opens the entry of a known code; any other is as good as none."""
    named = trouble_named(request.args.get("code", ""))
    return _page([named] if named else [])


@blueprint.post("")
def search() -> ResponseReturnValue:
    text = request.form.get("text", "")
    if not text.strip():
        return _page([], words.EMPTY)
    found = find_troubles(text)
    return _page(found, None if found else words.NOT_FOUND)


@blueprint.get("/client/<any(google, microsoft):provider>")
@admin_only
def ask_about_client(provider: str) -> ResponseReturnValue:
    """Whether the provider knows the client. Asking changes nothing, so the page may ask again by itself."""
    found = ask_provider(provider)
    if found is None:
        return message_page(sign_in_refused("no_client", provider=provider), 409)
    refused = found.verdict is Verdict.REFUSED
    row = trouble_named(found.error) if refused else None
    return render_template(
        "client_test.html",
        provider=provider,
        message=found.message,
        tone={Verdict.ACCEPTED: "good", Verdict.REFUSED: "bad"}.get(found.verdict, "wait"),
        trouble=show(row) if row else None,
        asks_again=refused and provider == "google" and words.is_settling(found.uploaded_at, now()),
    )


def _page(found: Sequence[Trouble], note: Message | None = None) -> ResponseReturnValue:
    known = known_providers()
    named = [each for each in Provider if each.value in known] or list(Provider)
    return render_template(
        "sign_in_help.html",
        known=known,
        at=" or ".join(company(provider) for provider in named),
        found=[show(trouble) for trouble in found],
        note=note,
        lists=[
            (company(provider), [show(trouble) for trouble in TROUBLES if trouble.provider is provider])
            for provider in named
        ],
    )
