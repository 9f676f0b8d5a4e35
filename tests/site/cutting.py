"""Servers that go away in the middle of an answer, say something else than MySQL would, or nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy import make_url


@dataclass
class OddServer:
    """asked: how often somebody connected. is_asked: set with the first."""

    url: str
    asked: int = 0
    is_asked: threading.Event = field(default_factory=threading.Event)


@contextmanager
def odd_server(greeting: bytes | None = b"") -> Iterator[OddServer]:
    """Say this to whoever connects, and hang up; None: take connections and stay silent."""
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = OddServer(f"mysql://wp:hidden@127.0.0.1:{listener.getsockname()[1]}/shop")

        def serve() -> None:
            with suppress(OSError):  # the listener is closed: the test is over
                while True:
                    client, _ = listener.accept()
                    kept.append(client)
                    server.asked += 1
                    server.is_asked.set()
                    if greeting is not None:
                        client.sendall(greeting)
                        client.shutdown(socket.SHUT_WR)

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for client in kept:
                client.close()


@contextmanager
def cut_short(url: str, after_bytes: int) -> Iterator[str]:
    """Give the address of a relay that closes a connection after so many bytes of the server's answers."""
    target = make_url(url)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = (target.host or "", target.port or 0)
        threading.Thread(target=_relay_all, args=(listener, server, after_bytes), daemon=True).start()
        try:
            yield target.set(port=listener.getsockname()[1]).render_as_string(hide_password=False)
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # close() alone would not end a waiting accept()


def _relay_all(listener: socket.socket, server: tuple[str, int], after_bytes: int) -> None:
    with suppress(OSError):  # the listener is closed: the test is over
        while True:
            client, _ = listener.accept()
            upstream = socket.create_connection(server)
            threading.Thread(target=_relay, args=(client, upstream), daemon=True).start()
            threading.Thread(target=_relay, args=(upstream, client, after_bytes), daemon=True).start()


def _relay(source: socket.socket, target: socket.socket, at_most: int | None = None) -> None:
    passed = 0
    with suppress(OSError):
        while (at_most is None or passed < at_most) and (part := source.recv(16384)):
            target.sendall(part if at_most is None else part[: at_most - passed])
            passed += len(part)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
