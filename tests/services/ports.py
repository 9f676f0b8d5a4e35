"""Ports for processes that must be told theirs before they start."""

from __future__ import annotations

import socket

from tests.services.server import HOST

_held: list[socket.socket] = []


def free_port() -> int:
    """One that nobody else is given as long as we live.

    It is held by a socket that does not listen: whoever connects is refused until a server listens there,
    which those may that set SO_REUSEADDR, as servers do.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind((HOST, 0))
    _held.append(holder)
    port: int = holder.getsockname()[1]
    return port
