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

# The same for a mail server from the environment and one from the set-up page: who says where it is set
# stands beside them.
_MAIL = {
    "no_answer": "The mail server does not answer. Check its name and the port: 587 fits nearly everywhere, "
    "465 only with TLS from the start (tls=implicit).",
    "unknown_host": "The mail server's name is not known. Check it for a typing error.",
    "dropped": "The mail server broke the connection off. Check port and encryption: 465 goes with TLS from "
    "the start (tls=implicit), 587 with STARTTLS. Mails that wait are tried again by themselves.",
    "later": "The mail server asks to come back later. Try again in a few minutes; mails that wait go out by "
    "themselves.",
    "no_tls": "The mail server does not encrypt in this way. Port 587 usually needs STARTTLS (tls=starttls), "
    "port 465 TLS from the start (tls=implicit).",
    "certificate": "The mail server's certificate is not valid for its name. Write the name as the "
    "certificate has it, or ask the mail provider.",
    "clear_text_password": "The mail server offers no encryption, so the password was not sent. Use another "
    "port, most often 587 or 465, or leave user and password out.",
    "login": "The mail server does not accept user and password. Check both; some providers want an app "
    "password in place of the account's own.",
    "no_login": "The mail server takes no user and password here. Use its port 587, or leave both out.",
    "login_needed": "The mail server wants a user and a password, or encryption. Give both, and use port 587 "
    "or 465.",
    "sender": "The mail server does not send for this sender (LATESYNC_MAIL_FROM, or “Sender’s address” on "
    "the page). Use an address that belongs to the user.",
    "recipient": "The mail server will never take a mail to this address. Correct the address.",
    "refused": "The mail server refused the mail. Most often the sender must be an address of its own "
    "(LATESYNC_MAIL_FROM, or “Sender’s address” on the page); its own log says more.",
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
