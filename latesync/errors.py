"""The one tree of errors. A class exists when someone reacts differently to it.

Who reacts is answered by `plan/failures.py`; the sentences people read are in `messages.py`.
Library exceptions are translated into these at the border: each provider's `client.py`,
`store/database.py`, `latepoint/connection.py`.
"""

from __future__ import annotations

from datetime import datetime


class LateSyncError(Exception):
    """Anything LateSync raises on purpose."""


class ConfigurationInvalid(LateSyncError):
    """The environment does not fit together; `problems` lists every fault, as sentences."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class StateNotReady(LateSyncError):
    """LateSync's own tables are missing, old or newer than this program; the text names the remedy."""


class StateUnavailable(LateSyncError):
    """LateSync's own database does not answer."""


class LeaseLost(Exception):
    """Somebody else works at the account now.

    No LateSyncError: no verdict on the account follows from it, the run just ends where it is.
    """


class SecretUnreadable(LateSyncError):
    """A stored secret was written with a key that is not among the encryption keys."""


class WrongInput(LateSyncError):
    """Something a person gave us cannot be used; the text says what and names the remedy."""


class LinkExpired(WrongInput):
    """A signed link was genuine, and is too old."""


# --- the booking site -------------------------------------------------------------------------


class SiteError(LateSyncError):
    """Trouble with the booking site's database."""


class SiteUnavailable(SiteError):
    """The site's database does not answer; the same read may succeed later."""


class SchemaNotUnderstood(SiteError):
    """Tables or columns we read are missing or not granted; `missing` names them as `table.column`."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


class BridgeTableMissing(SiteError):
    """One of LateSync's own tables in the site's database is missing or not granted."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


# --- the WordPress plugin ----------------------------------------------------------------------


class BridgeError(LateSyncError):
    """Trouble with the plugin in WordPress, through which bookings are moved and cancelled.

    reason: a short code, never a body or an address.
    """

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class BridgeUnavailable(BridgeError):
    """No answer, a server error or an unreadable answer; what the call did is unknown."""


class BridgeRejected(BridgeError):
    """The plugin is not there, or does not accept our messages: the operator's trouble."""


class MessageRefused(LateSyncError):
    """A signed message cannot be taken; `code` is "malformed", "signature", "clock" or "replayed"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# --- providers --------------------------------------------------------------------------------


class ProviderError(LateSyncError):
    """A call to a calendar provider failed.

    reason: the provider's own short code ("rateLimitExceeded"), never a body or a title.
    """

    def __init__(
        self, provider: str, *, account_id: int | None = None, operation: str = "", reason: str = ""
    ) -> None:
        super().__init__(f"{provider} {operation} {reason}".strip())
        self.provider = provider
        self.account_id = account_id
        self.operation = operation
        self.reason = reason


class ProviderUnavailable(ProviderError):
    """No answer, a server error or an unreadable answer; what the call did is unknown."""


class RateLimited(ProviderError):
    """Too fast. retry_at: aware UTC when the provider or our own budget said so, else None."""

    def __init__(
        self,
        provider: str,
        *,
        account_id: int | None = None,
        operation: str = "",
        reason: str = "",
        retry_at: datetime | None = None,
    ) -> None:
        super().__init__(provider, account_id=account_id, operation=operation, reason=reason)
        self.retry_at = retry_at


class UsageLimited(ProviderError):
    """The provider's unpublished use limits or daily quota are spent; hours to recover."""


class GuestsRefused(UsageLimited):
    """The provider takes no more invitations for now; the same event without its guests may be written."""


class AuthorizationLost(ProviderError):
    """The agent's consent is gone (revoked, expired, permission withdrawn): they must sign in again."""


class ClientRejected(ProviderError):
    """The provider refuses our OAuth client or project: the operator's trouble, never the agents'."""


class SyncTokenExpired(ProviderError):
    """The listing must start again from nothing."""


class CalendarLost(ProviderError):
    """The calendar is gone, or this account may no longer read or write it."""


class EventRefused(ProviderError):
    """The provider will never accept this one event as it is."""


class EventExists(ProviderError):
    """An event with this id is there already, alive or deleted."""


class EventChanged(ProviderError):
    """The event is not at the etag we hold: somebody changed it."""


class EventNotFound(ProviderError):
    """There is no such event, or it is deleted."""


class SubscriptionRefused(ProviderError):
    """The provider will not tell us of changes: it cannot reach our address, or it never does."""


class SubscriptionGone(ProviderError):
    """The provider does not know this subscription (any more)."""


# --- mail -------------------------------------------------------------------------------------


class MailError(LateSyncError):
    """A mail could not be handed over. reason: a short code, never an address or a server's text."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class MailUnavailable(MailError):
    """The mail server does not answer, or asks to come back later."""


class MailNotAccepted(MailError):
    """The mail server refuses us (login, sender, encryption): the operator's trouble."""


class RecipientRefused(MailError):
    """The mail server will never take a mail to this address."""


# --- signing in -------------------------------------------------------------------------------


class SignInRefused(LateSyncError):
    """A sign-in could not be completed; `code` selects the page that explains it (messages.py)."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
