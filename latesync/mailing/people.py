"""Whom a mail goes to, in which language, and the links in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from latesync.consent.links import consent_stamp, make_mail_token, make_stop_token
from latesync.errors import SiteError, WrongInput
from latesync.latepoint.settings import read_agents
from latesync.notify.address import is_email
from latesync.notify.texts import DEFAULT_LANGUAGE, site_language
from latesync.sentences.provider_words import PROVIDERS, companies, company
from latesync.store.clients import providers_set_up
from latesync.store.people import link_serial

if TYPE_CHECKING:
    from latesync.model import Agent
    from latesync.services import Services
    from latesync.store.accounts import AccountRow


_OWN_NAME = "LateSync"


@dataclass(frozen=True, slots=True)
class SiteWords:
    """What the site is called and speaks; our own name and None while it does not answer."""

    name: str = _OWN_NAME
    language: str | None = None


def read_site_words(services: Services) -> SiteWords:
    try:
        settings = services.site.facts().settings
    except (SiteError, WrongInput):
        return SiteWords()
    name = settings.site_name or urlsplit(settings.home_url).hostname or _OWN_NAME
    return SiteWords(name, site_language(settings.language))


def find_agent(services: Services, agent_id: int) -> Agent | None:
    """The agent as the site has them. Raises SiteError, WrongInput."""
    agents = read_agents(services.site_engine, services.site.facts().schema)
    return next((agent for agent in agents if agent.id == agent_id), None)


def address_of(agent: Agent | None, account: AccountRow | None) -> str | None:
    """The site's e-mail of an agent, else that of the account they signed in with."""
    known = (agent.email if agent else None, account.email if account else None)
    return next((address for address in known if address and is_email(address)), None)


def language_of(account: AccountRow | None, words: SiteWords) -> str:
    """That of the browser the agent signed in with, else the site's."""
    return (account.language if account else None) or words.language or DEFAULT_LANGUAGE


def companies_to_choose(services: Services, account: AccountRow | None) -> str:
    """With whom the agent signs in: where they did before, else wherever the owner has set it up."""
    if account is not None:
        return company(account.provider)
    return companies(providers_set_up(services.database, services.site_id) or PROVIDERS[:1])


def personal_mail_url(services: Services, account: AccountRow | None, agent_id: int) -> str:
    """The link to one sign-in; the agent's next completed sign-in uses it up. A secret."""
    token = make_mail_token(
        services.secret_key,
        services.site_id,
        agent_id,
        link_serial(services.database, services.site_id, agent_id),
        account_id=account.id if account else 0,
        consent=consent_stamp(account.consented_at if account else None),
        now=services.clock(),
    )
    return f"{services.config.base_url}/connect/{token}"


def stop_url(services: Services, who: str) -> str:
    """Where a recipient says "no more of these"; who: "agent:3"."""
    token = make_stop_token(services.secret_key, services.site_id, who)
    return f"{services.config.base_url}/mail/stop/{token}"
