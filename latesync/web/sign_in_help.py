"""The page that explains what went wrong on Google's page: for anybody, since nobody is signed in there.

What is pasted may hold addresses: it is looked at and forgotten, and stands in no log and no address.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from latesync.consent.client_test import Verdict, ask_about_client
from latesync.consent.oauth_client import OAuthClient
from latesync.messages import Message
from latesync.read_overview import read_current_client
from latesync.sentences.sign_in_sentences import sign_in_refused
from latesync.sign_in_troubles import TROUBLES, Provider, Trouble, find_troubles, trouble_named, words
from latesync.store.clients import ClientRow
from latesync.web.context import now, services
from latesync.web.problems import message_page
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


@blueprint.get("/client")
@admin_only
def ask_google() -> ResponseReturnValue:
    """Whether Google knows the client. Asking changes nothing, so the page may ask again by itself."""
    client = read_current_client(services())
    if client is None:
        return message_page(sign_in_refused("no_client"), 409)
    oauth = OAuthClient(client.client_id, client.client_secret)
    verdict, error = ask_about_client(services().google, oauth, services().config.google_callback)
    refused = verdict is Verdict.REFUSED
    row = trouble_named(error) if refused else None
    return render_template(
        "client_test.html",
        message=_in_words(verdict, error, client),
        tone={Verdict.ACCEPTED: "good", Verdict.REFUSED: "bad"}.get(verdict, "wait"),
        trouble=show(row) if row else None,
        asks_again=refused and words.is_settling(client.uploaded_at, now()),
    )


def _in_words(verdict: Verdict, error: str, client: ClientRow) -> Message:
    if verdict is Verdict.REFUSED:
        return words.client_refused(error, client.uploaded_at, now())
    return words.client_accepted() if verdict is Verdict.ACCEPTED else words.client_unknown()


def _page(found: Sequence[Trouble], note: Message | None = None) -> ResponseReturnValue:
    return render_template(
        "sign_in_help.html",
        found=[show(trouble) for trouble in found],
        note=note,
        lists=[
            (name, [show(trouble) for trouble in TROUBLES if trouble.provider is provider])
            for provider, name in ((Provider.GOOGLE, "Google"), (Provider.MICROSOFT, "Microsoft"))
        ],
    )
