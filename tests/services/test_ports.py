"""A port for a process that must be told its own before it starts."""

from __future__ import annotations

import socket

import pytest

from tests.services.ports import free_port
from tests.services.server import HOST


def test_a_free_port_refuses_everybody_until_a_server_listens_there_and_again_afterwards() -> None:
    port = free_port()
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, port))
        with socket.create_server((HOST, port)), socket.create_connection((HOST, port)):
            pass


def test_nobody_else_is_given_a_port_that_waits_for_its_server() -> None:
    port = free_port()
    with socket.socket() as other, pytest.raises(OSError):
        other.bind((HOST, port))
