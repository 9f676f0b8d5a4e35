"""The contract with our own client against the stand-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.guests_contract import silent
from tests.contract.microsoft_stage import MicrosoftStage, microsoft_stage
from tests.contract.provider_contract import ProviderContract

__all__ = ["silent"]  # the contract's own fixture


@pytest.fixture
def stage() -> Iterator[MicrosoftStage]:
    with microsoft_stage() as ready:
        yield ready


class TestMicrosoft(ProviderContract):
    """Nothing of its own; what only Microsoft does: test_microsoft_events.py and its neighbours."""
