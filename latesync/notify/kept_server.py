"""The mail server that the set-up page keeps in a file, for where the environment names none."""

from __future__ import annotations

import json
from pathlib import Path

from latesync.errors import WrongInput
from latesync.notify.address import ENCRYPTIONS, SmtpAddress, parse_mailbox
from latesync.notify.mail_server import MailServer
from latesync.private_files import write_private

FILE_NAME = "mail_server.json"  # in LATESYNC_HOME; holds a password
_UNREADABLE = (
    "The kept mail server ({path}) cannot be read. Give it anew on the page Set-up, step E-mail, or delete "
    "the file and set LATESYNC_SMTP_URL."
)


def read_kept_server(home: Path) -> MailServer | None:
    """What the set-up page kept; None when it kept nothing. Raises WrongInput."""
    path = home / FILE_NAME
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return _mail_server(kept)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, WrongInput):
        # Without its cause: that may carry what stands in the file.
        raise WrongInput(_UNREADABLE.format(path=path)) from None


def write_kept_server(home: Path, server: MailServer) -> None:
    """Keep it for every process of this installation: whole or not at all, for its owner's eyes only."""
    address = server.address
    kept = {
        "host": address.host,
        "port": address.port,
        "user": address.user,
        "password": address.password,
        "tls": address.tls,
        "sender": server.sender,
    }
    write_private(home / FILE_NAME, json.dumps(kept, indent=1) + "\n")


def forget_kept_server(home: Path) -> None:
    (home / FILE_NAME).unlink(missing_ok=True)


def _mail_server(kept: object) -> MailServer:
    """Raises WrongInput, ValueError."""
    match kept:
        case {
            "host": str(host),
            "port": int(port),
            "user": (str() | None) as user,
            "password": (str() | None) as password,
            "tls": str(tls),
            "sender": str(sender),
        } if tls in ENCRYPTIONS:
            parse_mailbox(sender)
            return MailServer(SmtpAddress(host, port, user, password, tls), sender)
    raise ValueError
