"""An event stands under the id we meant to create: whether it is our own unanswered try."""

from __future__ import annotations

import pytest

from latesync.model import Event, Marker
from latesync.plan.taken import Taken, judge_taken
from tests.builders.plan import SITE, a_booking, a_content, an_event, an_item, our_event

BOOKING = a_booking(4182)


def marked(marker: Marker | None) -> Event:
    return an_event(an_item(), marker=marker)


@pytest.mark.parametrize("existing", [our_event(BOOKING), marked(Marker(SITE, 4182, 3))])
def test_an_event_of_this_very_booking_is_taken_over(existing: Event) -> None:
    """Whichever generation made it (google-calendar.md I2)."""
    assert judge_taken(existing, a_content(BOOKING)) is Taken.OURS


@pytest.mark.parametrize(
    "existing",
    [
        None,  # deleted: its id stays taken (google-calendar.md I4)
        marked(None),
        marked(Marker("other-site", 4182, 0)),
        marked(Marker(SITE, 4183, 0)),
    ],
)
def test_what_is_not_of_this_booking_is_left_alone(existing: Event | None) -> None:
    assert judge_taken(existing, a_content(BOOKING)) is Taken.NOT_OURS
