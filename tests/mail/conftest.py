from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from latesync.store.database import Database
from latesync.store.migrate import migrate
from tests.mail.office import Office, open_office
from tests.mail.postbox import Postbox, opened_postbox


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LateSync's tables, made once for all tests."""
    path = tmp_path_factory.mktemp("state") / "state.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.dispose()
    return path


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with opened_postbox() as opened:
        yield opened


@pytest.fixture
def office(tmp_path: Path, empty_state: Path, postbox: Postbox) -> Iterator[Office]:
    with open_office(tmp_path, empty_state, postbox) as opened:
        yield opened


@pytest.fixture
def mailless(tmp_path: Path, empty_state: Path, postbox: Postbox) -> Iterator[Office]:
    """An office without a mail server in its configuration."""
    with open_office(tmp_path, empty_state, postbox, has_mail=False) as opened:
        yield opened
