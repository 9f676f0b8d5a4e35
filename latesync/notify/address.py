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


def parse_smtp_address(url: str) -> SmtpAddress:
    """The mail server an address names. User and password are percent-decoded.

    Raises WrongInput; its sentence never repeats the address, which holds the password.
    """
    parts = _split(url)
    tls = _way(parts)
    port = parts.port or _PORTS.get(tls, _SUBMISSION)
    if tls == "auto" and port == 465:
        tls = "implicit"
    user, password = _decoded(parts.username), _decoded(parts.password)
    if (user is None) != (password is None):
        raise WrongInput("The mail server’s address needs both a user and a password, or neither. " + _SHAPE)
    address = SmtpAddress(parts.hostname or "", port, user, password, tls)
    if tls == "none" and password is not None and not address.is_own_machine:
        raise WrongInput(
            "With tls=none the password would travel readable for everybody. Use tls=starttls or "
            "tls=implicit, or leave user and password out."
        )
    return address


def parse_mailbox(text: str) -> Address:
    """ "bookings@salon.example" or "Salon Linden <bookings@salon.example>". Raises WrongInput."""
    found = HeaderRegistry()("From", text) if _is_printable(text) else None
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
    if len(text) > _LONGEST or not _is_printable(text) or any(char in text for char in " ,;<>"):
        return False
    name, _, domain = text.rpartition("@")
    try:
        address = Address(addr_spec=f"{name}@{ascii_domain(domain)}")
    except (MessageError, ValueError, IndexError):
        return False
    return bool(address.username and address.domain)


def ascii_domain(domain: str) -> str:
    """The domain as mail servers write it (“bücher.example” is “xn--bcher-kva.example”).

    Raises ValueError where that cannot be.
    """
    return domain if domain.isascii() else domain.encode("idna").decode("ascii")


def _split(url: str) -> SplitResult:
    if not _is_printable(url) or " " in url:
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
    if not _is_printable(decoded):
        raise WrongInput("User or password in the mail server’s address holds a line break or the like.")
    return decoded


def _is_printable(text: str) -> bool:
    return all(char.isprintable() for char in text)
