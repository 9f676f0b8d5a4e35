"""A sign-in that Google ends after seven days, over eight days of simulated time, with real mails."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.mail.office import ADDRESSES, BEN, DANA, Office

DANAS = "dana@salon-linden.example"
DAY = 24


def test_whoever_never_signs_in_again_is_told_four_times_and_never_at_night(office: Office) -> None:
    office.salon.upload(mode="testing", test_users=["dana@example.com"])
    office.salon.connect(DANA)  # Friday 20 November, 14:05 in Berlin
    came = office.live(7 * DAY, sync_every=12)
    office.change_site(
        "UPDATE wp_latepoint_bookings SET start_time = start_time + 15, end_time = end_time + 15"
    )
    came += office.live(3 * DAY, sync_every=12)
    assert [(when, _short(subject)) for when, subject in came] == [
        ((25, 14), "ends soon"),
        ((26, 14), "is about to end"),
        ((27, 14), "sign in again"),
        ((28, 14), "wait for your calendar"),
    ]
    assert [mail.recipient for mail in office.postbox.mails] == [DANAS] * 4
    assert len({mail.message_id for mail in office.postbox.mails}) == 4


def test_whoever_signs_in_after_the_first_reminder_hears_nothing_until_the_next_week(office: Office) -> None:
    office.salon.upload(mode="testing", test_users=["dana@example.com"])
    office.salon.connect(DANA)
    assert len(office.live(5 * DAY + 2, sync_every=12)) == 1  # until Wednesday, 16:05
    office.salon.connect(DANA)
    came = office.live(7 * DAY, sync_every=12)
    assert [(when, _short(subject)) for when, subject in came] == [
        ((30, 16), "ends soon"),
        ((1, 16), "is about to end"),
    ]


def test_an_app_that_is_published_midway_ends_only_the_sign_ins_made_before(office: Office) -> None:
    people = ["ben@example.com", "dana@example.com"]
    client_id = office.salon.upload(mode="testing", test_users=people)
    office.salon.connect(BEN, "ben@example.com")
    assert office.live(DAY, sync_every=12) == []
    office.salon.google.change_client(client_id, mode="production")
    office.salon.connect(DANA)
    office.live(8 * DAY, sync_every=12)
    assert [_short(mail.subject) for mail in office.postbox.to(ADDRESSES[BEN])] == [
        "ends soon",
        "is about to end",
        "sign in again",
    ]
    assert office.postbox.to(DANAS) == []
    assert office.account(DANA).state == "connected"


def test_where_google_names_no_end_the_first_week_teaches_the_second(office: Office) -> None:
    office.salon.google.set_switches(names_the_end=False)
    office.salon.upload(mode="testing", test_users=["dana@example.com"])
    office.salon.connect(DANA)
    came = office.live(7 * DAY + 4, sync_every=1)
    assert [_short(subject) for _, subject in came] == ["sign in again"]
    office.salon.connect(DANA)
    came = office.live(7 * DAY, sync_every=12)
    assert [_short(subject) for _, subject in came] == ["ends soon", "is about to end"]


def _short(subject: str) -> str:
    known = "ends soon|is about to end|sign in again|wait for your calendar"
    found = re.search(known, subject)
    assert found, subject
    return found[0]


def test_a_consent_without_a_known_end_is_spoken_of_only_when_it_dies(office: Office) -> None:
    office.salon.upload()
    office.salon.connect(DANA)
    assert office.live(8 * DAY, sync_every=12) == []
    office.salon.google.revoke_grants("dana@example.com")
    office.go_to(29, 1)  # access tokens live an hour
    office.sync()
    office.pass_time(timedelta(minutes=5))
    assert office.live(10, sync_every=12) == [((29, 8), office.postbox.mails[0].subject)]
    assert _short(office.postbox.mails[0].subject) == "sign in again"
