"""What `doctor` asks about the life of consents: how long sign-ins last, and which end soon or unseen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from latesync import messages
from latesync.checks.findings import FINE, NOTE, WRONG, Finding
from latesync.consent.lifetimes import Lifetimes, read_all_lifetimes
from latesync.errors import SiteError, WrongInput
from latesync.latepoint.settings import read_agents
from latesync.model import AccountState
from latesync.plan.consent import TOKENS_OFTEN, live_consents, near_idle_end
from latesync.read_overview import read_zone
from latesync.sentences import consent_sentences
from latesync.sentences.provider_words import PROVIDERS, company
from latesync.services import Services
from latesync.store.accounts import AccountRow, list_accounts
from latesync.store.consents import consents_of_person

CLIENT_THING = {"google": "client file", "microsoft": "app"}
_PUBLISHING, _SIGN_INS = "publishing status", "sign-ins"
NAMES_SHOWN = 10  # in one sentence


def check_publishing(services: Services) -> Iterable[Finding]:
    """What the owner says of the app at Google, against what is seen of it; Microsoft has no such thing."""
    lifetimes = _lifetimes(services)["google"]
    judgement = lifetimes.judgements.get(lifetimes.current) if lifetimes.current is not None else None
    if judgement is None:
        return  # no client: check_client says so
    words = consent_sentences.judgement_words(judgement.code, len(judgement.renew_once))
    if words is None:
        said = consent_sentences.PUBLISHING[judgement.said].title if judgement.said else "not said"
        yield Finding(_PUBLISHING, FINE, f"sign-ins last, as far as is seen ({said})")
        return
    remedy = words.text
    if judgement.renew_once:
        remedy = f"{remedy} ({_listed(judgement.renew_once, _names(services))})"
    yield Finding(_PUBLISHING, NOTE, words.title, remedy)


def check_sign_ins(services: Services) -> Iterable[Finding]:
    """Who is signed out, whose sign-in ends soon, and who must sign in anew for another client."""
    lifetimes, now, zone = _lifetimes(services), services.clock(), read_zone(services)
    held, names = _held(services), _names(services)
    if not held:
        return
    for provider in PROVIDERS:
        of_provider = [row for row in held if row.provider == provider]
        out = [row.agent_id for row in of_provider if row.state is AccountState.NEEDS_SIGN_IN]
        if out:
            yield Finding(
                _SIGN_INS,
                WRONG,
                f"signed out by {company(provider)}: {_listed(out, names)}",
                "Ask them to sign in again; the page Agents helps.",
            )
    connected = [row for row in held if row.state is AccountState.CONNECTED]
    ends = [(lifetimes[row.provider].end_of(row, now).at, row.agent_id) for row in connected]
    known = sorted((at, agent_id) for at, agent_id in ends if at is not None)
    for at, agent_id in known[:NAMES_SHOWN]:
        is_soon = messages.is_ending_soon(at, now)
        when = consent_sentences.consent_end(at, now, zone)
        yield Finding(
            _SIGN_INS,
            NOTE if is_soon else FINE,
            f"{_name(agent_id, names)} {when}",
            "Ask for a new sign-in before." if is_soon else "",
        )
    for provider in PROVIDERS:
        of_provider = [row for row in connected if row.provider == provider]
        moved = [row.agent_id for row in of_provider if lifetimes[provider].has_new_client(row)]
        if not moved:
            continue
        yield Finding(
            _SIGN_INS,
            NOTE,
            f"still with the {CLIENT_THING[provider]} before: {_listed(moved, names)}",
            "Ask them to sign in again. Until then their calendars go on with the old one.",
        )
    if connected and not known:
        agents = {row.agent_id for row in connected}
        count = messages.counted(len(agents), "agent stays", "agents stay")
        yield Finding(_SIGN_INS, FINE, f"{count} signed in, as far as is known")


def check_wear(services: Services) -> Iterable[Finding]:
    """What ends without a word: the oldest of many sign-ins at Google, and what is not used for long."""
    now, zone, names = services.clock(), read_zone(services), _names(services)
    people: dict[tuple[str, int], list[AccountRow]] = defaultdict(list)
    for row in _held(services):
        if row.provider == "google":  # microsoft-graph.md T1 knows no such cap
            people[row.subject, row.client_ref].append(row)
    for (subject, client_ref), rows in people.items():
        history = consents_of_person(services.database, services.site_id, subject, client_ref)
        count = live_consents(history, now)
        if count > TOKENS_OFTEN:
            name = _name(rows[0].agent_id, names)
            yield Finding(_SIGN_INS, NOTE, consent_sentences.signs_in_often(name, count))
    for row in _held(services):
        used_at = _last_used(row)
        ends_at = near_idle_end(used_at, row.provider, now) if used_at else None
        if row.state is AccountState.CONNECTED and used_at and ends_at:
            name = _name(row.agent_id, names)
            sentence = consent_sentences.long_unused(name, used_at, ends_at, zone, row.provider)
            yield Finding(_SIGN_INS, NOTE, sentence)


def _lifetimes(services: Services) -> dict[str, Lifetimes]:
    """By provider."""
    return read_all_lifetimes(services.database, services.site_id, services.clock())


def _held(services: Services) -> list[AccountRow]:
    accounts = list_accounts(services.database, services.site_id)
    return [row for row in accounts if row.state is not AccountState.DISCONNECTED]


def _last_used(row: AccountRow) -> datetime | None:
    moments = (row.consented_at, row.token_at, row.outbound_good_at, row.inbound_good_at)
    return max((at for at in moments if at is not None), default=None)


def _names(services: Services) -> dict[int, str]:
    """As the site has them; none while it does not answer, which another check says."""
    try:
        agents = read_agents(services.site_engine, services.site.facts().schema)
    except (SiteError, WrongInput):
        return {}
    return {agent.id: agent.name for agent in agents}


def _name(agent_id: int, names: Mapping[int, str]) -> str:
    return names.get(agent_id, f"agent {agent_id}")


def _listed(agent_ids: Iterable[int], names: Mapping[int, str]) -> str:
    """ "Anna Berg, Ben Cho and 4 more"."""
    all_names = [_name(agent_id, names) for agent_id in sorted(set(agent_ids))]
    more = f" and {len(all_names) - NAMES_SHOWN} more" if len(all_names) > NAMES_SHOWN else ""
    return ", ".join(all_names[:NAMES_SHOWN]) + more
