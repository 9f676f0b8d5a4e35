"""Microsoft's stand-in, over plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.consent.microsoft import Microsoft, microsoft_standing_in


@pytest.fixture
def microsoft() -> Iterator[Microsoft]:
    with microsoft_standing_in() as standing:
        yield standing
