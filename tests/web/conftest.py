from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.salon import Salon, open_salon


@pytest.fixture
def salon(tmp_path: Path) -> Iterator[Salon]:
    with open_salon(tmp_path) as opened:
        yield opened
