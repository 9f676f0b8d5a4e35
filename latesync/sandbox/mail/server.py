"""A pretend mail server on loopback, as far as RFC 5321 goes without encryption, login and delivery.

Strict where a client could rely on leniency: commands in their order, CRLF alone ends a line.
"""

import re
import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from types import TracebackType

from .mailbox import Mailbox

NAME = "mail.sandbox.example"
HOST = "127.0.0.1"
_TOO_BIG = "552 The mail is too big"
# FROM:<dana@salon.example> SIZE=1234; a name before the @ may stand in quotation marks (RFC 5321, 4.1.2).
_PATH = re.compile(r'(FROM|TO):\s*<((?:"(?:[^"\\]|\\.)*"|[^<>"\s])*)>(.*)', re.IGNORECASE)
_SENDER_PARAMETERS = {"SIZE", "BODY", "SMTPUTF8"}  # as EHLO offers them


@dataclass(frozen=True)
class Limits:
    """line_s: for the next line to be whole. session_s: for a whole connection."""

    line_s: float = 60.0
    session_s: float = 300.0
    sessions: int = 20
    command: int = 1000  # bytes; RFC 5321, 4.5.3.1.4: 512, and more with parameters
    mail: int = 1_000_000  # bytes; two hundred of them still fit into any machine
    recipients: int = 100  # RFC 5321, 4.5.3.1.8
    mistakes: int = 20  # of one client, until it is sent away


class MailServer:
    """Takes mails into `mailbox` while the `with` block runs; `port` 0 takes a free one.

    Raises OSError for a port that is taken. Leaving the block cuts the connections that are still open.
    """

    def __init__(self, mailbox: Mailbox, port: int = 0, limits: Limits | None = None) -> None:
        self._server = _Server(mailbox, port, limits or Limits())
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "MailServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.cut_connections()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 50

    def __init__(self, mailbox: Mailbox, port: int, limits: Limits) -> None:
        self.mailbox, self.limits = mailbox, limits
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((HOST, port), _Conversation)

    def admit(self, connection: socket.socket) -> bool:
        with self._lock:
            if len(self._open) >= self.limits.sessions:
                return False
            self._open.add(connection)
            return True

    def leave(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def cut_connections(self) -> None:
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # closed by the other side meanwhile
                    connection.shutdown(socket.SHUT_RDWR)


class _Conversation(socketserver.BaseRequestHandler):
    """One connection, from the greeting to the end."""

    server: _Server

    def handle(self) -> None:
        connection: socket.socket = self.request
        try:
            connection.settimeout(self.server.limits.line_s)
            if not self.server.admit(connection):
                connection.sendall(f"421 {NAME} is busy\r\n".encode())
                return
            lines = _Lines(connection, self.server.limits)
            try:
                _Session(lines, self.server.mailbox, self.server.limits).run()
            except TimeoutError:
                lines.say(f"421 {NAME} waits no longer")
        except OSError:
            pass  # the client has gone; a mail that is not whole is none
        finally:
            self.server.leave(connection)


class _Lines:
    """The lines of a connection, without their CRLF; a lone line feed is content (RFC 5321, 2.3.8)."""

    def __init__(self, connection: socket.socket, limits: Limits) -> None:
        self._connection = connection
        self._line_s = limits.line_s
        self._ends_at = monotonic() + limits.session_s
        self._rest = bytearray()

    def say(self, answer: str) -> None:
        self._connection.settimeout(self._line_s)
        self._connection.sendall(f"{answer}\r\n".encode())

    def next(self, most: int) -> bytes:
        """The next line; of one longer than `most` bytes, a byte more than that.

        Raises TimeoutError, ConnectionError.
        """
        line, rest, by = bytearray(), self._rest, min(self._ends_at, monotonic() + self._line_s)
        while (end := rest.find(b"\r\n")) < 0:
            taken = len(rest) - rest.endswith(b"\r")
            line += rest[:taken]
            del rest[:taken], line[most + 1 :]
            rest += self._receive(by)
        line += rest[:end]
        del rest[: end + 2]
        return bytes(line[: most + 1])

    def _receive(self, by: float) -> bytes:
        left_s = by - monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._connection.settimeout(left_s)
        received = self._connection.recv(65_536)
        if not received:
            raise ConnectionAbortedError
        return received


class _Session:
    """What a client said so far, and the answers to it."""

    def __init__(self, lines: _Lines, mailbox: Mailbox, limits: Limits) -> None:
        self._lines, self._mailbox, self._limits = lines, mailbox, limits
        self._is_greeted = self._is_over = False
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._commands: dict[str, Callable[[str], str]] = {
            "EHLO": self._ehlo,
            "HELO": self._helo,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": lambda _: "250 Yes",
            "QUIT": self._quit,
            "VRFY": lambda _: "252 Every address will do",
        }

    def run(self) -> None:
        """Raises TimeoutError, ConnectionError."""
        self._lines.say(f"220 {NAME} takes every mail and delivers none")
        mistakes = 0
        while not self._is_over:
            answer = self._answer(self._lines.next(self._limits.command))
            mistakes += answer.startswith("5")
            if mistakes > self._limits.mistakes:
                answer, self._is_over = f"421 {NAME} does not understand you", True
            self._lines.say(answer)

    def _answer(self, line: bytes) -> str:
        if len(line) > self._limits.command:
            return "500 The line is too long"
        try:
            verb, _, rest = line.decode().strip().partition(" ")
        except UnicodeDecodeError:
            return "500 That is not UTF-8"
        command = self._commands.get(verb.upper())
        return command(rest.strip()) if command else "502 That is not offered here"

    def _ehlo(self, name: str) -> str:
        answer = self._helo(name)
        offers = (NAME, f"SIZE {self._limits.mail}", "8BITMIME", "SMTPUTF8")
        if answer.startswith("5"):
            return answer
        return "\r\n".join([*(f"250-{offer}" for offer in offers[:-1]), f"250 {offers[-1]}"])

    def _helo(self, name: str) -> str:
        if not name:
            return "501 Say who you are"
        self._is_greeted = True
        self._forget()
        return f"250 {NAME}"

    def _mail(self, rest: str) -> str:
        if not self._is_greeted or self._sender is not None:
            return "503 First greet, then begin one mail after the other"
        path = _read_path("FROM", rest)
        if path is None:
            return "501 Write MAIL FROM:<address>"
        address, parameters = path
        if not parameters.keys() <= _SENDER_PARAMETERS:
            return "555 There is a parameter that is not offered here"
        if int(parameters.get("SIZE") or 0) > self._limits.mail:
            return _TOO_BIG
        self._sender = address
        return "250 Sender noted"

    def _rcpt(self, rest: str) -> str:
        if self._sender is None:
            return "503 First name the sender"
        path = _read_path("TO", rest)
        if path is None or not path[0]:
            return "501 Write RCPT TO:<address>"
        address, parameters = path
        if parameters:
            return "555 There is a parameter that is not offered here"
        if len(self._recipients) >= self._limits.recipients:
            return "452 Too many recipients"
        if address not in self._recipients:
            self._recipients.append(address)
        return "250 Recipient noted"

    def _data(self, rest: str) -> str:
        if not self._recipients or self._sender is None:
            return "503 First name the sender and a recipient"
        if rest:
            return "501 DATA stands alone"
        self._lines.say("354 Go on, and end with a dot on a line of its own")
        content = self._read_content()
        sender, recipients = self._sender, tuple(self._recipients)
        self._forget()
        if content is None:
            return _TOO_BIG
        self._mailbox.take(sender, recipients, content)
        return "250 Taken over, to be delivered nowhere"

    def _read_content(self) -> bytes | None:
        """Up to the line with the dot, dots unstuffed (RFC 5321, 4.5.2); None for more than is taken."""
        content = bytearray()
        is_too_big = False
        while (line := self._lines.next(self._limits.mail)) != b".":
            content += line.removeprefix(b".") + b"\r\n"
            if is_too_big or len(content) > self._limits.mail:
                is_too_big = True
                content.clear()
        return None if is_too_big else bytes(content)

    def _rset(self, _: str) -> str:
        self._forget()
        return "250 Forgotten"

    def _quit(self, _: str) -> str:
        self._is_over = True
        return f"221 {NAME} says goodbye"

    def _forget(self) -> None:
        self._sender = None
        self._recipients = []


def _read_path(side: str, rest: str) -> tuple[str, dict[str, str]] | None:
    """The address between angle brackets and the parameters after it; None for anything else."""
    found = _PATH.fullmatch(rest)
    if found is None or found[1].upper() != side or not found[2].isprintable():
        return None
    parameters = dict.fromkeys(found[3].split(), "")
    named = {name.upper(): value for name, _, value in (word.partition("=") for word in parameters)}
    if (named.get("SIZE") or "0").isascii() and (named.get("SIZE") or "0").isdigit():
        return found[2], named
    return None
