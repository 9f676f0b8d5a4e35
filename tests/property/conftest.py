"""Laws hold for every example; how many are tried depends on who asks.

LATESYNC_TEST_PROFILE=thorough looks ten times as hard; CI tries the same examples every time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.property.machine.stand import Stand, opened_stand
from tests.property.machine.town import ANNA, Town, opened_town

settings.register_profile(
    "ci", max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("LATESYNC_TEST_PROFILE", "ci"))


@pytest.fixture(scope="session")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """The server and client library that all towns of a run share."""
    with opened_stand(tmp_path_factory.mktemp("stand")) as stand:
        yield stand


@pytest.fixture
def town(stand: Stand) -> Iterator[Town]:
    """Anna's town: one agent, nothing booked."""
    with opened_town(stand, agents=[ANNA]) as town:
        yield town
