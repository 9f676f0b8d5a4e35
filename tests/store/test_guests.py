"""Guests, links to meetings and what was in step, as they are kept; on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from latesync.store.accounts import read_account
from latesync.store.guests import (
    ASKED,
    FAILED,
    MADE,
    TOLD,
    count_guests_left_out,
    open_meetings,
    record_guests,
    record_in_step_since,
    record_meeting,
)
from latesync.store.mappings import read_mappings, record_gone, record_intents
from tests.store.builders import NOW, SITE, Site, an_intent

LATER = NOW + timedelta(minutes=3)


def test_who_is_to_be_invited_stands_in_the_intent_and_survives_a_deletion(site: Site) -> None:
    account_id = site.connect()
    intent = replace(an_intent(account_id), guests_hash="?abc")
    (mapping_id,) = record_intents(site.database, [intent], NOW)
    record_guests(site.database, mapping_id, "abc")
    record_gone(site.database, mapping_id, LATER)
    (mapping,) = read_mappings(site.database, account_id)
    assert mapping.guests_hash == "abc"
    record_intents(site.database, [an_intent(account_id, generation=1)], LATER)
    (again,) = read_mappings(site.database, account_id)
    assert again.guests_hash == ""


@pytest.mark.parametrize(("word", "is_open"), [(ASKED, True), (MADE, True), (TOLD, False), (FAILED, False)])
def test_a_link_is_followed_until_the_site_knows_it(site: Site, word: str, is_open: bool) -> None:
    account_id, other = site.connect(1), site.connect(2)
    mapping_id = site.live_mapping(account_id)
    record_meeting(site.database, site.live_mapping(other), ASKED, NOW)
    record_meeting(site.database, mapping_id, word, LATER)
    found = open_meetings(site.database, account_id)
    assert [(mapping.id, since) for mapping, since in found] == [(mapping_id, LATER)] * is_open


def test_a_link_of_a_deleted_event_is_waited_for_no_more(site: Site) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    record_meeting(site.database, mapping_id, ASKED, NOW)
    record_gone(site.database, mapping_id, LATER)
    assert open_meetings(site.database, account_id) == []


def test_guests_who_were_left_out_are_counted_while_their_event_is_to_come(site: Site) -> None:
    account_id = site.connect()
    for booking_id, guests_hash in ((7, "-abc"), (8, "abc"), (9, "")):
        record_guests(site.database, site.live_mapping(account_id, booking_id), guests_hash)
    (mapping,) = [m for m in read_mappings(site.database, account_id) if m.booking_id == 7]
    assert count_guests_left_out(site.database, SITE, mapping.span.start) == 1
    assert count_guests_left_out(site.database, SITE, mapping.span.end) == 0
    assert count_guests_left_out(site.database, "another site", mapping.span.start) == 0


def test_a_new_sign_in_catches_up_and_nothing_is_news(site: Site) -> None:
    """design.md §9, L10: however short the sign-out was."""
    account_id = site.connect()
    record_in_step_since(site.database, account_id, "{}")
    assert site.connect() == account_id
    assert site.account(account_id).in_step is None


def test_what_was_in_step_is_kept_beside_the_account_and_forgotten(site: Site) -> None:
    account_id = site.connect()
    for text in ('{"newest": 7}', None):
        record_in_step_since(site.database, account_id, text)
        account = read_account(site.database, account_id)
        assert account is not None
        assert account.in_step == text
