"""What a mail's link is good for: one completed sign-in, by whatever way it comes, uses it up."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from latesync.consent.links import consent_stamp
from latesync.errors import SignInRefused
from latesync.model import AccountState
from latesync.store.accounts import AccountRow
from latesync.store.sign_ins import SignInRow


@dataclass(frozen=True, slots=True)
class Renewal:
    """The right to sign an agent in once: for this account, as long as it stands at this consent.

    account_id, consent: 0 for the first sign-in of an agent without an account (links.py: MailClaim).
    """

    agent_id: int
    account_id: int
    consent: int


@dataclass(frozen=True, slots=True)
class Returning:
    """Who comes back from the provider.

    browser: a secret of the browser's session. agent_id: whom that session may sign in, None when it has
    ended. renewal: where a mail's link is all its right. language: what the browser asks for, as a code.
    newest_booking_id: the site's newest booking now, for who wants new ones only; None: not known.
    """

    browser: str = field(repr=False)
    agent_id: int | None
    renewal: Renewal | None = None
    language: str | None = None
    newest_booking_id: int | None = None


class Standing(Enum):
    """How it stands with a renewal, by the agent's account as it is now."""

    OPEN = auto()
    DONE = auto()  # signed in since then
    OVER = auto()  # disconnected, or signed in since then and signed out again: a newer message says so


def standing_of(renewal: Renewal, account: AccountRow | None) -> Standing:
    """account: the agent's active one, at the provider the renewal is for."""
    if account is None:
        return Standing.OVER if renewal.account_id else Standing.OPEN
    if (account.id, consent_stamp(account.consented_at)) == (renewal.account_id, renewal.consent):
        return Standing.OPEN
    return Standing.DONE if account.state is AccountState.CONNECTED else Standing.OVER


def refuse_needless(
    sign_in: SignInRow, returning: Returning, known: AccountRow | None, meant: AccountRow | None
) -> None:
    """End a sign-in that nobody is to finish. Raises SignInRefused.

    known: the agent's active account at this provider. meant: by which a mail's link is judged.
    Before the provider is asked: another exchange would make another refresh token, and at Google the hundred
    and first ends the oldest (google-calendar.md L3).
    """
    if returning.agent_id != sign_in.agent_id:
        raise SignInRefused("session_ended")
    if known is not None and known.consented_at is not None and known.consented_at > sign_in.created_at:
        raise SignInRefused("done_already")  # in another tab or on another device, after this one began
    refuse_used_up(returning.renewal, meant)


def refuse_used_up(renewal: Renewal | None, known: AccountRow | None) -> None:
    """A mail's link signs in the account it was sent for, and no other: a stranger's least of all.

    renewal: None for an agent's full session, which may. Raises SignInRefused.
    """
    standing = Standing.OPEN if renewal is None else standing_of(renewal, known)
    if standing is Standing.DONE:
        raise SignInRefused("done_already")
    if standing is not Standing.OPEN:
        raise SignInRefused("link_used_up")
