from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from latesync.sandbox.serving import Served
from tests.web.salon import Salon, open_salon


@pytest.fixture
def served_salon(tmp_path: Path) -> Iterator[Salon]:
    """A salon whose pages are really served: its address is in its configuration."""
    opened: list[Salon] = []
    with (
        Served(lambda environ, start: opened[0].app(environ, start)) as server,
        open_salon(tmp_path, f"http://localhost:{server.port}") as salon,
    ):
        opened.append(salon)
        yield salon
