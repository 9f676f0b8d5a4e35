"""Where mail goes: the mail server's address, and which e-mail addresses are any."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address, HeaderRegistry, UniqueAddressHeader
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from latesync.errors import WrongInput

_SHAPE = "Write it like smtp://user:password@mail.example.com:587?tls=starttls."
_WAYS = ("starttls", "implicit", "none")
ENCRYPTIONS = ("auto", *_WAYS)
_PORTS = {"implicit": 465, "none": 25}  # RFC 8314 for the first; a relay on the own network for the second
_SUBMISSION = 587
_LONGEST = 254  # RFC 5321, 4.5.3.1.3


@dataclass(frozen=True)
class SmtpAddress:
    """tls: "starttls", "implicit", "none", or "auto": STARTTLS where the server offers it."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    tls: str

    @property
    def is_own_machine(self) -> bool:
        """Whether what is said to the server never leaves this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def would_tell_password(self) -> bool:
        """Whether everybody on the way could read it."""
        return self.tls == "none" and self.password is not None and not self.is_own_machine


def smtp_address(
    host: str, port: int | None, user: str | None, password: str | None, tls: str
) -> SmtpAddress:
    """With the port or the encryption that follows from the other where one is left open."""
    chosen = port or _PORTS.get(tls, _SUBMISSION)
    return SmtpAddress(host, chosen, user, password, "implicit" if (tls, chosen) == ("auto", 465) else tls)


def parse_smtp_address(url: str) -> SmtpAddress:
    """The mail server an address names. User and password are percent-decoded.

    Raises WrongInput; its sentence never repeats the address, which holds the password.
    """
    parts = _split(url)
    tls = _way(parts)
    user, password = _decoded(parts.username), _decoded(parts.password)
    if (user is None) != (password is None):
        raise WrongInput("The mail server’s address needs both a user and a password, or neither. " + _SHAPE)
    address = smtp_address(parts.hostname or "", parts.port, user, password, tls)
    if address.would_tell_password:
        raise WrongInput(
            "With tls=none the password would travel readable for everybody. Use tls=starttls or "
            "tls=implicit, or leave user and password out."
        )
    return address


def parse_mailbox(text: str) -> Address:
    """ "bookings@salon.example" or "Salon Linden <bookings@salon.example>". Raises WrongInput."""
    found = HeaderRegistry()("From", text) if is_printable(text) else None
    addresses = found.addresses if isinstance(found, UniqueAddressHeader) and not found.defects else ()
    if len(addresses) != 1 or not is_email(addresses[0].addr_spec):
        raise WrongInput(
            "That is not an e-mail address. Write it like bookings@salon.example or "
            "Salon Linden <bookings@salon.example>."
        )
    mailbox: Address = addresses[0]
    return mailbox


def is_email(text: str) -> bool:
    """One e-mail address and nothing else: no name, no second address, no line break.

    The part before the @ must be ASCII: few mail servers take another (RFC 6531).
    """
    if len(text) > _LONGEST or not is_printable(text) or any(char in text for char in " ,;<>"):
        return False
    name, _, domain = text.rpartition("@")
    try:
        address = Address(addr_spec=f"{name}@{ascii_domain(domain)}")
    except (MessageError, ValueError, IndexError, AttributeError):  # the last two are the parser's own faults
        return False
    return bool(address.username and address.domain)


def is_printable(text: str) -> bool:
    """Nothing that could begin another line, or that nobody sees."""
    return all(char.isprintable() for char in text)


def ascii_domain(domain: str) -> str:
    """The domain as mail servers write it (“bücher.example” is “xn--bcher-kva.example”).

    Raises ValueError where that cannot be.
    """
    return domain if domain.isascii() else domain.encode("idna").decode("ascii")


def _split(url: str) -> SplitResult:
    if not is_printable(url) or " " in url:
        raise WrongInput("The mail server’s address holds a space or a line break. " + _SHAPE)
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        raise WrongInput("The mail server’s address has no usable port. " + _SHAPE) from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or not has_port:
        raise WrongInput("The mail server’s address must begin with smtp:// and name a host. " + _SHAPE)
    if parts.fragment or parts.path not in ("", "/"):
        raise WrongInput(
            "The mail server’s address ends oddly. In user and password write /, ?, #, @, : and % "
            "as %2F, %3F, %23, %40, %3A and %25."
        )
    return parts


def _way(parts: SplitResult) -> str:
    query = parse_qsl(parts.query, keep_blank_values=True)
    ways = [value for name, value in query if name == "tls"]
    if len(ways) != len(query) or len(ways) > 1 or any(way not in _WAYS for way in ways):
        raise WrongInput(
            "After the question mark of the mail server’s address only tls=starttls, tls=implicit or "
            "tls=none may stand."
        )
    if parts.scheme == "smtp":
        return ways[0] if ways else "auto"
    if ways not in ([], ["implicit"]):
        raise WrongInput("smtps:// means tls=implicit. Write smtp:// for another way.")
    return "implicit"


def _decoded(text: str | None) -> str | None:
    if not text:
        return None
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise WrongInput(
            "User or password in the mail server’s address is not written in UTF-8. Write a % in them as %25."
        ) from None
    if not is_printable(decoded):
        raise WrongInput("User or password in the mail server’s address holds a line break or the like.")
    return decoded
