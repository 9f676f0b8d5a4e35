"""A row of the table of sign-in troubles as a page shows it to whoever looks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from flask import g

from latesync.errors import SignInRefused
from latesync.messages import Message
from latesync.read_overview import read_current_client
from latesync.sign_in_troubles import Actor, Link, Paste, Provider, Step, Trouble, trouble_of_refusal, words
from latesync.store.accounts import active_account
from latesync.store.clients import ClientRow
from latesync.web.context import now, services
from latesync.web.google_place import GooglePlace, google_place
from latesync.web.viewers import current_viewer

_LABELS = {
    Paste.REDIRECT_URI: "Redirect URI of LateSync",
    Paste.ORIGIN: "JavaScript origin of LateSync",
    Paste.ADDRESSES: "Addresses of the agents, as the site and LateSync know them",
    Paste.CLIENT_ID: "Client ID",
}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """copy: (label, value) of a line to take along. link: (label, address) of the provider's page."""

    text: str
    copy: tuple[str, str] | None
    link: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class ShownTrouble:
    """is_mine: whoever looks can do it. letter: what to send to whoever acts, if anybody need be asked.

    otherwise_is_theirs: the other way out is for whoever acts, too. first: what to try before anything else.
    """

    key: str
    as_shown: str
    title: str
    meaning: str
    who: str
    is_mine: bool
    steps: tuple[ShownStep, ...]
    otherwise: str
    otherwise_is_theirs: bool
    takes: str
    letter: str
    where: str
    first: str = ""


def show(trouble: Trouble) -> ShownTrouble:
    """The row with what this viewer may see of the values in it: strangers see none."""
    seen, is_owner = _seen(), current_viewer().is_admin
    client = seen.client(trouble.provider) if seen.may_see_client else None
    mine = {Actor.NOBODY, *((Actor.OWNER, Actor.ORGANISATION) if is_owner else (Actor.AGENT,))}
    client_id = client.client_id if client else ""
    return ShownTrouble(
        key=trouble.key,
        as_shown=trouble.as_shown,
        title=trouble.title,
        meaning=trouble.meaning,
        who=words.who_acts(trouble, is_agent=not is_owner),
        is_mine=trouble.actor in mine,
        steps=tuple(_step(step, client, trouble.provider) for step in trouble.steps),
        otherwise=trouble.otherwise,
        otherwise_is_theirs=trouble.actor is Actor.OWNER,
        takes=trouble.takes,
        letter=""
        if is_owner
        else words.letter(trouble, address=seen.own_address(trouble.provider), client_id=client_id),
        where=words.where_seen(trouble),
        first=_first(trouble),
    )


def explain(refused: SignInRefused, provider: str) -> ShownTrouble | Message | None:
    """What the page of a refused sign-in adds: the row, that the error stands in none, or nothing."""
    trouble = trouble_of_refusal(refused.code, refused.detail, provider=provider)
    if trouble is not None:
        return show(trouble)
    return words.unknown_error(refused.detail, provider) if refused.code == "sign_in_failed" else None


class _Seen:
    """The values this viewer may see, each read when a row first needs it."""

    def __init__(self) -> None:
        self._clients: dict[Provider, ClientRow | None] = {}

    @property
    def may_see_client(self) -> bool:
        return current_viewer().is_admin or current_viewer().agent_id is not None

    def client(self, provider: Provider) -> ClientRow | None:
        if provider not in self._clients:
            self._clients[provider] = read_current_client(services(), provider.value)
        return self._clients[provider]

    @cached_property
    def place(self) -> GooglePlace:
        return google_place()

    def own_address(self, provider: Provider) -> str:
        """Of the agent whose own session this is; a mail's link may have been opened by somebody else."""
        agent_id = current_viewer().agent_id
        if agent_id is None:
            return ""
        account = active_account(services().database, services().site_id, agent_id, provider.value)
        return account.email if account else ""


def _seen() -> _Seen:
    """One for the whole request: a page may show every row there is."""
    if "troubles_seen" not in g:
        g.troubles_seen = _Seen()
    found: _Seen = g.troubles_seen
    return found


def _first(trouble: Trouble) -> str:
    """R9: right after an upload, right and not yet in effect look the same."""
    viewer = current_viewer()
    if not trouble.may_settle or not (viewer.is_admin or viewer.may_sign_in is not None):
        return ""
    client = _seen().client(trouble.provider)
    if client is None or not words.is_settling(client.uploaded_at, now()):
        return ""
    return words.settling(client.uploaded_at, now())


def _step(step: Step, client: ClientRow | None, provider: Provider) -> ShownStep:
    value = _value(step.paste, client, provider) if step.paste else ""
    copy = (_LABELS[step.paste], value) if step.paste and value else None
    return ShownStep(step.text, copy, _address(step.link, client) if step.link else None)


def _address(link: Link, client: ClientRow | None) -> tuple[str, str]:
    project = client.project_id if client and link.in_project else None
    return link.label, f"{link.url}?project={quote(project, safe='')}" if project else link.url


def _value(paste: Paste, client: ClientRow | None, provider: Provider) -> str:
    """What stands on the owner's own pages goes to the owner alone; the client ID to every agent."""
    if paste is Paste.CLIENT_ID:
        return client.client_id if client else ""
    if not current_viewer().is_admin:
        return ""
    match paste:
        case Paste.REDIRECT_URI:
            config = services().config
            return config.microsoft_callback if provider is Provider.MICROSOFT else config.google_callback
        case Paste.ORIGIN:
            return _seen().place.origin
    return ", ".join(_seen().place.addresses)
