"""One sentence for an error that ends a command; it names the remedy."""

from __future__ import annotations

from latesync.errors import (
    BridgeRejected,
    BridgeTableMissing,
    BridgeUnavailable,
    LateSyncError,
    ProviderUnavailable,
    SchemaNotUnderstood,
    SecretUnreadable,
    SignInRefused,
    SiteUnavailable,
    StateUnavailable,
    WrongInput,
)


def sentence_for(error: LateSyncError) -> str:
    match error:
        case SiteUnavailable():
            return f"The booking site's database does not answer. Check LATESYNC_SITE_DATABASE_URL. ({error})"
        case SchemaNotUnderstood():
            return (
                f"Missing or not granted in the booking site's database: {', '.join(error.missing)}. "
                "Check LATESYNC_TABLE_PREFIX and the grants in docs/booking-site-database.md."
            )
        case BridgeTableMissing():
            return (
                f"The table {error.table} is missing in the booking site's database, or not granted. "
                "Install the LateSync plugin in WordPress, which makes it; where that cannot be done, "
                "`latesync doctor --print-sql` prints the statements."
            )
        case StateUnavailable():
            return f"LateSync's own database does not answer. Check LATESYNC_DATABASE_URL. ({error})"
        case SecretUnreadable():
            return (
                "A stored secret was written with another key. "
                "Put that key back into LATESYNC_ENCRYPTION_KEYS."
            )
        case ProviderUnavailable():
            return f"The calendar provider does not answer. Try again in a minute. ({error})"
        case BridgeUnavailable():
            return f"The LateSync plugin in WordPress does not answer. Try again in a minute. ({error})"
        case BridgeRejected(reason="clock"):
            return (
                "The LateSync plugin in WordPress refuses LateSync's messages: the two clocks differ by more "
                "than five minutes. Set the clock of the machine that is wrong."
            )
        case BridgeRejected(reason="other_site"):
            return (
                "The LateSync plugin and the database LateSync reads belong to two different addresses. "
                "`latesync doctor` names both and says what to do."
            )
        case BridgeRejected(reason="not_installed" | "no_address" | "not_configured"):
            return (
                "The LateSync plugin cannot be found in WordPress. Install and activate it, and paste the "
                "connection string into its settings."
            )
        case BridgeRejected():
            return (
                "The LateSync plugin in WordPress does not accept LateSync's messages: paste the connection "
                "string into its settings again."
            )
        case WrongInput():
            return str(error)
        case SignInRefused():
            return f"The sign-in was refused: {error.code}."
        case _:
            return f"{type(error).__name__}: {error}"
