"""What the pretend mail server took over, in memory: the newest mails, as their readers see them."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import HeaderRegistry
from email.message import Message
from email.policy import default

KEPT = 200
# Headers as plain text: Python's own reading of addresses breaks on some that are none.
_POLICY = default.clone(header_factory=HeaderRegistry(use_default_map=False))
_NO_SUBJECT = "(no subject)"


@dataclass(frozen=True)
class Mail:
    """recipients: those the mail was handed over for, which its To line need not name.

    html, text: its first part of each kind; empty where it has none.
    """

    number: int
    arrived_at: datetime
    recipients: tuple[str, ...]
    sender: str = field(repr=False)
    subject: str = field(repr=False)
    html: str = field(repr=False)
    text: str = field(repr=False)


def _real_time() -> datetime:
    return datetime.now(UTC)


class Mailbox:
    """Everybody's mails. Safe to use from several threads."""

    def __init__(self, now: Callable[[], datetime] = _real_time, kept: int = KEPT) -> None:
        self._now = now
        self._mails: deque[Mail] = deque(maxlen=kept)
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, sender: str, recipients: tuple[str, ...], content: bytes) -> Mail:
        """Keep a mail, whatever is in it. sender: of the envelope, for a mail without a From line."""
        message = message_from_bytes(content, policy=_POLICY)
        with self._lock:
            self._taken += 1
            mail = Mail(
                number=self._taken,
                arrived_at=self._now(),
                recipients=recipients,
                sender=_header(message, "From") or sender,
                subject=_header(message, "Subject") or _NO_SUBJECT,
                html=_part(message, "text/html"),
                text=_part(message, "text/plain"),
            )
            self._mails.append(mail)
        return mail

    def mails(self) -> list[Mail]:
        """Newest first."""
        with self._lock:
            return list(reversed(self._mails))

    def find(self, number: int) -> Mail | None:
        return next((mail for mail in self.mails() if mail.number == number), None)


def _header(message: Message, name: str) -> str:
    return " ".join(str(message[name] or "").split())


def _part(message: Message, kind: str) -> str:
    return next((_content(part) for part in _parts(message) if part.get_content_type() == kind), "")


def _parts(message: Message) -> Iterator[Message]:
    return (part for part in message.walk() if not part.is_multipart())


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        text = payload.decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:  # an encoding that nobody knows
        text = payload.decode("utf-8", errors="replace")
    return text.replace("\r\n", "\n")
