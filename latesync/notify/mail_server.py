"""The mail server LateSync writes through, and whom it writes as; also as somebody types it into a page."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from dataclasses import dataclass
from email.headerregistry import Address

from latesync.errors import WrongInput
from latesync.notify.address import (
    ENCRYPTIONS,
    SmtpAddress,
    ascii_domain,
    is_email,
    is_printable,
    parse_mailbox,
    smtp_address,
)

# Letters, digits, - and _ (which some hosts on one's own network have): nothing a URL could be made of.
_HOST = re.compile(r"(?!-)([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?\Z")
_LONGEST = 500  # characters of a user, a password or a name; some providers' keys have 200

_NO_HOST = (
    "“Server” is the name of one machine, like smtp.example.com: without smtp:// before it and without a "
    "port behind it."
)
_NO_PORT = "“Port” is a number, most often 587 or 465."
_HALF_A_LOGIN = "Give both a user and a password, or neither."
_ODD_LOGIN = "User or password holds a line break or the like, or is far too long. Copy them once more."
_CLEAR_TEXT = (
    "Without encryption the password would travel readable for everybody. Choose another encryption, or "
    "leave user and password out."
)
_NO_ENCRYPTION = "Choose one of the kinds of encryption."
_NO_SENDER = "“Sender’s address” is no e-mail address. Write it like bookings@salon.example."
_ODD_NAME = "“Sender’s name” cannot stand in a mail. Use letters, digits and blanks."


@dataclass(frozen=True, slots=True)
class MailServer:
    """sender: "bookings@salon.example", or with a name before it."""

    address: SmtpAddress
    sender: str

    @property
    def stamp(self) -> str:
        """Of two that take mails in different ways, two different ones; tells nothing about them.

        Without the password: no hash of it shall rest anywhere.
        """
        known = self.address
        parts = [known.host, known.port, known.user, known.tls, self.sender]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def typed_address(host: str, port: str, user: str, password: str, tls: str) -> SmtpAddress:
    """What somebody typed, field by field; an empty port means the usual one.

    Raises WrongInput; its sentence repeats nothing of it.
    """
    if tls not in ENCRYPTIONS:
        raise WrongInput(_NO_ENCRYPTION)
    if bool(user) != bool(password):
        raise WrongInput(_HALF_A_LOGIN)
    if any(len(text) > _LONGEST or not is_printable(text) for text in (user, password)):
        raise WrongInput(_ODD_LOGIN)
    address = smtp_address(_host(host), _port(port), user or None, password or None, tls)
    if address.would_tell_password:
        raise WrongInput(_CLEAR_TEXT)
    return address


def typed_sender(name: str, address: str) -> str:
    """Both as one, as it stands in a mail's From. Raises WrongInput."""
    if not is_email(address):
        raise WrongInput(_NO_SENDER)
    if not name:
        return address
    user, _, domain = address.rpartition("@")
    try:
        sender = str(Address(name, user, domain))
        mailbox = parse_mailbox(sender)
    except (ValueError, WrongInput):  # the first is the parser's own word for a line break
        raise WrongInput(_ODD_NAME) from None
    if (mailbox.display_name, mailbox.addr_spec) != (name, address) or len(name) > _LONGEST:
        raise WrongInput(_ODD_NAME)  # it would be read as something else than was typed
    return sender


def _host(text: str) -> str:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    try:
        name = ascii_domain(text)
    except ValueError:
        raise WrongInput(_NO_HOST) from None
    if len(name) > 253 or not _HOST.match(name):
        raise WrongInput(_NO_HOST)
    return name.lower()


def _port(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536):
        raise WrongInput(_NO_PORT)
    return int(text)
