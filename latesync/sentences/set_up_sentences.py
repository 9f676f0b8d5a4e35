"""What people read while LateSync is set up. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from latesync.messages import Message
from latesync.sentences.client_sentences import listed

# What “…” stands for is in the site's wp-config.php, under the names the form shows.
_TRIALS = {
    "unknown_host": Message(
        "There is no such host",
        "This machine knows no computer of that name. Look for a typing error in “Host”. If the name is "
        "“localhost” or “db” in wp-config.php, it is WordPress’ own machine: ask your host for the name or "
        "address that reaches the database from outside.",
    ),
    "nothing_listens": Message(
        "No database answers there",
        "The machine is there, but no database listens at that host and port. Check the port (most often "
        "3306). Many hosts accept connections from their own machine only: then “Remote MySQL” must be "
        "switched on in the hosting panel for the address of this machine.",
    ),
    "no_answer": Message(
        "Nothing answered in time",
        "No answer within a few seconds: a firewall is most likely in between. Let the database’s machine "
        "accept connections from this machine (in hosting panels: “Remote MySQL” or “Access hosts”), and "
        "check host and port.",
    ),
    "no_database": Message(
        "That is no MySQL or MariaDB database",
        "Something answers at that host and port, but it does not speak MySQL. Check the port: most often it "
        "is 3306. It is neither the port of the web page nor that of the mail or the file server.",
    ),
    "no_socket": Message(
        "There is no such socket",
        "The host names a file through which the database is reached, and there is none on this machine. Use "
        "the name of the machine and its port instead.",
    ),
    "wrong_password": Message(
        "The user name or the password is wrong",
        "The database answers, but refuses this user with this password from this machine. Copy DB_USER and "
        "DB_PASSWORD from wp-config.php once more, without the quotes around them. If they are right, the "
        "user may only come in from another machine: ask your host.",
    ),
    "host_not_allowed": Message(
        "The database accepts nobody from this machine",
        "Let it accept this machine’s address: in hosting panels under “Remote MySQL” or “Access hosts”.",
    ),
    "unknown_database": Message(
        "There is no database of that name",
        "Copy DB_NAME from wp-config.php once more; capitals matter.",
    ),
    "database_denied": Message(
        "This user may not use that database",
        "Either there is no database of that name: then copy DB_NAME once more. Or the user has no right in "
        "it: then let an administrator of the database paste these lines, and try again.",
    ),
    "too_many": Message(
        "The database has no connection free",
        "It, or this user, has as many connections as are allowed. Wait a minute and try again.",
    ),
    "needs_encryption": Message(
        "The database wants an encrypted connection",
        "This form makes none. Set LATESYNC_SITE_DATABASE_URL instead, with ?ssl_ca=/path/to/ca.pem at its "
        "end.",
    ),
    "login_unknown": Message(
        "The database wants a way of signing in that LateSync does not know",
        "Let its administrator make a user with a plain password (mysql_native_password or "
        "caching_sha2_password).",
    ),
    "unreachable": Message(
        "The database cannot be reached",
        "Check host and port, and that the database runs. `latesync doctor` may tell more.",
    ),
    "nothing_granted": Message(
        "The database shows no tables to this user",
        "It is empty, or the user has no rights in it. Let an administrator of the database paste these "
        "lines, and try again.",
    ),
    "no_latepoint": Message(
        "There is no LatePoint in this database",
        "None of its tables ends in latepoint_bookings. Check the name of the database; if it is "
        "WordPress’, activate the LatePoint plugin there. If you made a user for LateSync alone, it lacks "
        "rights: these lines give them.",
    ),
    "other_prefix": Message(
        "The tables begin differently here",
        "LatePoint is in this database, but under another table prefix than the one you typed. What was "
        "found is below: choose it, type the password again and press Connect.",
    ),
    "several_prefixes": Message(
        "There is more than one LatePoint in this database",
        "Choose the one your customers book at: its table prefix is $table_prefix in that site’s "
        "wp-config.php. Then type the password again and press Connect.",
    ),
    "not_granted": Message(
        "Some tables may not be read",
        "LatePoint is there, but this user may not read all that LateSync needs, or your LatePoint lacks "
        "it. Let an administrator of the database paste these lines, and try again.",
    ),
}  # fmt: skip
_TRIALS_OTHER = _TRIALS["unreachable"]

# set_up.Step → what the page is called.
STEPS = {
    "site": "Booking site",
    "calendars": "Calendars",
    "project": "Google project",
    "client": "Client file",
    "microsoft": "Microsoft",
    "mail": "E-mail",
    "agents": "Agents",
}
DONE = "What runs now"
# (provider, server, port, remark)
MAIL_PROVIDERS = (
    (
        "Gmail, Google Workspace",
        "smtp.gmail.com",
        587,
        "The account’s own password does not work here. Switch on 2-Step Verification, then make an app "
        "password at myaccount.google.com/apppasswords and type it without blanks.",
    ),
    (
        "IONOS",
        "smtp.ionos.com",
        587,
        "User and password are the mailbox’s. In Germany the server is smtp.ionos.de, in France "
        "smtp.ionos.fr.",
    ),
    ("Strato", "smtp.strato.de", 465, "User and password are the mailbox’s."),
    ("OVHcloud", "ssl0.ovh.net", 465, "User and password are the mailbox’s."),
    (
        "Brevo",
        "smtp-relay.brevo.com",
        587,
        "Login and key stand there under “SMTP & API”. The sender must be one you confirmed there.",
    ),
    (
        "Your web host",
        "mail.your-salon.com",
        587,
        "Its help calls this “outgoing mail server” or SMTP. User and password are the mailbox’s.",
    ),
)
# notify.address.ENCRYPTIONS → what the form calls them.
ENCRYPTIONS = {
    "auto": "Automatic",
    "starttls": "STARTTLS",
    "implicit": "TLS from the start",
    "none": "None",
}
NOBODY_TICKED = "Tick at least one agent first."
KEPT = "The booking site is connected. The worker follows within seconds."
TABLES_MADE = "The two tables are there. The worker follows within seconds."
TABLES_REFUSED = (
    "This database user may not make tables. Let an administrator of the database paste the lines below, "
    "then press Check again. Or install the plugin (page WordPress), which makes them too."
)
SITE_FROM_ENVIRONMENT = (
    "The connection is set on this machine (LATESYNC_SITE_DATABASE_URL), so it is changed there and not here."
)
# Provider → what the choice says of it.
CALENDARS = {
    "google": Message(
        "Google Calendar",
        "Your agents have addresses at Google: …@gmail.com, or of your own domain with Google Workspace. "
        "Two steps at Google, about ten minutes.",
    ),
    "microsoft": Message(
        "Outlook",
        "Your agents have Microsoft 365 at work, or a private address such as …@outlook.com or "
        "…@hotmail.com. One step at Microsoft, about ten minutes.",
    ),
}
NOTHING_CHOSEN = "Tick at least one, then press Next. You can change it at any time."
PUBLISHING_UNKNOWN = "Choose one of the three, then press Save."
MAIL_SKIPPED = (
    "E-mail is left out for now. Nobody is reminded before a sign-in ends: look at the page Agents, and send "
    "links yourself. You can come back at any time."
)
MAIL_SENT = (
    "The test message was handed to the mail server. Look whether it arrived; check the spam folder too."
)
MAIL_NOT_SET = "No mail server is set yet. Fill in the fields first."
MAIL_SERVER_KEPT = (
    "The mail server answers and lets LateSync in. Now send yourself a test message; the worker follows "
    "within seconds."
)
MAIL_SERVER_FORGOTTEN = (
    "The mail server is forgotten, with its password. LateSync writes no mails until there is another."
)
MAIL_FROM_ENVIRONMENT = (
    "Whoever installed LateSync set the mail server on this machine (LATESYNC_SMTP_URL), so it is changed "
    "there and not here."
)
NO_ADDRESS = "That is not an e-mail address. Write it like you@example.com."
FINISHED = "Set-up is finished. The page Health leads back to it."


def trial_message(code: str) -> Message:
    """Why a typed address of the booking site's database does not work, and what to do."""
    return _TRIALS.get(code, _TRIALS_OTHER)


def other_site(known: str, found: str) -> str:
    """The owner would put another booking site in the place of one whose bookings are in calendars."""
    return (
        f"Nothing was changed: this database belongs to {found}, and calendars are connected to the "
        f"bookings of {known}. LateSync serves one site. Disconnect the agents first, if you really mean to "
        "move."
    )


def progress(done: int, of: int) -> str:
    return f"Set-up: {done} of {of} done, go on"


def links_sent(names: Sequence[str]) -> str:
    return f"On its way to {listed(names)}. Each link is valid for 30 days."


def not_invited(names: Sequence[str]) -> str:
    return (
        f"No mail can be written to {listed(names)}: no e-mail address is known, or the mails were stopped "
        "on the agent’s own page. Copy the link instead."
    )


def first_booking(name: str, booking_id: int, when: str) -> str:
    return f"The first booking is in a calendar: number {booking_id}, {when}, in {name}’s."
