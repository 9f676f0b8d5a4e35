from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from latesync.store.database import Database
from latesync.store.migrate import migrate
from tests.web.salon import Salon, open_salon


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LateSync's tables, made once for all tests."""
    path = tmp_path_factory.mktemp("state") / "state.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.dispose()
    return path


@pytest.fixture
def salon(tmp_path: Path, empty_state: Path) -> Iterator[Salon]:
    with open_salon(tmp_path, state=empty_state) as opened:
        yield opened
