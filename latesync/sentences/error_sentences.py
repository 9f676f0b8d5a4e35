"""One sentence for an error that ends a command; it names the remedy."""

from __future__ import annotations

from latesync.errors import (
    BridgeRejected,
    BridgeTableMissing,
    BridgeUnavailable,
    LateSyncError,
    MailError,
    ProviderUnavailable,
    SchemaNotUnderstood,
    SecretUnreadable,
    SignInRefused,
    SiteUnavailable,
    StateUnavailable,
    WrongInput,
)

_MAIL = {
    "no_answer": "The mail server does not answer. Check host and port in LATESYNC_SMTP_URL; port 465 needs "
    "tls=implicit.",
    "unknown_host": "The mail server's name is not known. Check the host in LATESYNC_SMTP_URL.",
    "dropped": "The mail server broke the connection off. LateSync tries again by itself; if it stays so, "
    "check port and tls=… in LATESYNC_SMTP_URL.",
    "later": "The mail server asks to come back later. LateSync tries again by itself.",
    "no_tls": "The mail server does not encrypt in the way LATESYNC_SMTP_URL asks for. Port 587 usually "
    "needs tls=starttls, port 465 tls=implicit.",
    "certificate": "The mail server's certificate is not valid for its name. Write the host in "
    "LATESYNC_SMTP_URL as the certificate names it, or ask the mail provider.",
    "clear_text_password": "The mail server offers no encryption, so the password was not sent. Use "
    "tls=starttls or tls=implicit in LATESYNC_SMTP_URL, or leave user and password out.",
    "login": "The mail server does not accept user and password. Check both in LATESYNC_SMTP_URL; some "
    "providers want an app password.",
    "no_login": "The mail server takes no user and password here. Leave both out of LATESYNC_SMTP_URL, or "
    "use its port 587.",
    "login_needed": "The mail server wants a user and a password, or encryption. Add them to "
    "LATESYNC_SMTP_URL.",
    "sender": "The mail server does not send for this sender. Set LATESYNC_MAIL_FROM to an address it knows.",
    "recipient": "The mail server will never take a mail to this address. Correct the address.",
    "refused": "The mail server refused the mail. Its own log says why; often LATESYNC_MAIL_FROM must be an "
    "address of its own.",
}


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
                "A stored secret was written with a key that is gone. Put that key back, or renew what it "
                "kept: `latesync status` says how."
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
        case MailError():
            return _MAIL.get(
                error.reason, f"The mail could not be sent ({error.reason or 'no reason given'})."
            )
        case WrongInput():
            return str(error)
        case SignInRefused():
            return f"The sign-in was refused: {error.code}."
        case _:
            return f"{type(error).__name__}: {error}"
