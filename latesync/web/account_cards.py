"""An agent's accounts as a page shows them, each with its own state."""

from __future__ import annotations

from dataclasses import dataclass

from latesync import messages
from latesync.account_overview import AccountOverview, AgentOverview
from latesync.sentences import connect_sentences
from latesync.sentences.problem_sentences import own_problem
from latesync.web.context import now


@dataclass(frozen=True, slots=True)
class AccountCard:
    """shown: of the account. is_fine: connected and readable. lead: what the agent is told or asked.

    asks: a sign-in is wanted though it works still. problem: what the last run met.
    """

    shown: AccountOverview
    is_fine: bool
    asks: bool
    lead: str
    problem: str
    place: str  # whether bookings are written there; "" where there is one account only


def cards_of(agent: AgentOverview) -> list[AccountCard]:
    accounts = [account for account in agent.accounts if account.is_active_account]
    return [_card(account, accounts) for account in accounts]


def _card(account: AccountOverview, accounts: list[AccountOverview]) -> AccountCard:
    is_fine = account.is_connected and not account.has_lost_sign_in
    is_ending = messages.is_ending_soon(account.consent_ends_at, now())
    place = connect_sentences.WRITTEN_HERE if account.writes else connect_sentences.BUSY_ONLY
    return AccountCard(
        account,
        is_fine,
        asks=is_fine and (is_ending or account.has_new_client),
        lead=_lead(account, accounts, is_fine, is_ending),
        problem=own_problem(account.problem, account.provider) if account.problem and is_fine else "",
        place=place if len(accounts) > 1 else "",
    )


def _lead(account: AccountOverview, accounts: list[AccountOverview], is_fine: bool, is_ending: bool) -> str:
    if not is_fine:
        waits = messages.counted(account.waiting, "booking waits", "bookings wait") if account.waiting else ""
        return connect_sentences.signed_out(
            account.provider, account.email or "", waits, has_lost_sign_in=account.has_lost_sign_in
        )
    if is_ending:
        return connect_sentences.ends_soon(account.provider)
    if account.has_new_client:
        return connect_sentences.new_client(account.provider)
    if not account.writes:
        return ""
    return connect_sentences.is_working(
        account.provider, [other.provider for other in accounts if other is not account]
    )
