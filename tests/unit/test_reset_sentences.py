"""What people read about resets."""

from __future__ import annotations

from latesync.options import ResetEvents
from latesync.sentences.reset_sentences import progress


def test_a_reset_that_waits_for_google_does_not_promise_seconds() -> None:
    """It said "begins within seconds" for as long as Google was down."""
    said = progress(ResetEvents.BOTH, "waiting", 0, 0, 0, provider="google")
    assert "as soon as Google and the booking site answer" in said
