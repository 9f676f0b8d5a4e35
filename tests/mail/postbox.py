"""A real mail server on loopback which keeps what it is given, goes away and comes back on the same port.

What mail servers say of encryption, passwords and addresses is played by `smtp_servers.py`.
"""

from __future__ import annotations

from asyncio import Transport
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services.ports import free_port

_HOST = "127.0.0.1"
_PATIENCE_S = 60.0  # a busy machine; a server is there long before


@dataclass(frozen=True)
class Received:
    """recipient: as the server was told, apart from what the mail's own head says."""

    recipient: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())


class Postbox:
    """answer: what is said to a recipient instead of taking the mail. loses_answers: so often a mail is
    taken and the connection breaks before anybody is told."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mails: list[Received] = []
        self.answer: str | None = None
        self.loses_answers = 0
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://{_HOST}:{self.port}?tls=none"

    def open(self) -> None:
        self._controller = Controller(self, hostname=_HOST, port=self.port, ready_timeout=_PATIENCE_S)
        self._controller.start()

    def close(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def to(self, recipient: str) -> list[Received]:
        return [mail for mail in self.mails if mail.recipient == recipient]

    # What aiosmtpd calls

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer is not None:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails += [Received(recipient, message) for recipient in envelope.rcpt_tos]
        if self.loses_answers:
            self.loses_answers -= 1
            assert isinstance(server.transport, Transport)
            server.transport.abort()
        return "250 taken"


@contextmanager
def opened_postbox() -> Iterator[Postbox]:
    postbox = Postbox()
    postbox.open()
    try:
        yield postbox
    finally:
        postbox.close()
