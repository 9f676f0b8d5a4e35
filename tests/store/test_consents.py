"""The history of consents, and which of them may need a word."""

from __future__ import annotations

from datetime import timedelta

from latesync.past_consent import PastConsent
from latesync.store.accounts import record_disconnected, record_needs_sign_in
from latesync.store.clients import record_client
from latesync.store.consent_lives import list_consents_to_tell, read_held_consent
from latesync.store.consents import consents_of_person, list_consents, prune_consents
from tests.store.builders import HOUR, NOW, SECOND, SITE, Site

DAY = timedelta(days=1)
WEEK = 7 * DAY


def history(site: Site) -> list[PastConsent]:
    return list_consents(site.database, SITE)


def near(site: Site, *inferred_clients: int) -> list[int]:
    """The accounts that may need a word at NOW, two days being near."""
    found = list_consents_to_tell(
        site.database,
        SITE,
        ends_before=NOW + 2 * DAY,
        inferred_clients=inferred_clients,
        inferred_before=NOW - 5 * DAY,
    )
    return [held.account.id for held in found]


# --- what became of it ------------------------------------------------------------------------


def test_a_consent_begins_its_history(site: Site) -> None:
    account_id = site.connect(agent_id=4, consented_at=NOW, ends_at=NOW + WEEK)
    assert history(site) == [PastConsent(account_id, 4, NOW, NOW + WEEK, is_current=True)]


def test_a_new_sign_in_replaces_the_consent_before(site: Site) -> None:
    account_id = site.connect(consented_at=NOW)
    site.connect(consented_at=NOW + HOUR, now=NOW + HOUR)
    assert history(site) == [
        PastConsent(account_id, 1, NOW, None, NOW + HOUR, "replaced"),
        PastConsent(account_id, 1, NOW + HOUR, is_current=True),
    ]


def test_a_refused_consent_ends_once_and_a_later_sign_in_does_not_change_that(site: Site) -> None:
    account_id = site.connect(consented_at=NOW)
    record_needs_sign_in(site.database, account_id, "sign_in_again", NOW + HOUR)
    record_needs_sign_in(site.database, account_id, "sign_in_again", NOW + 2 * HOUR)
    site.connect(consented_at=NOW + 3 * HOUR, now=NOW + 3 * HOUR)
    first, second = history(site)
    assert (first.ended_at, first.ended_by, first.is_current) == (NOW + HOUR, "refused", False)
    assert (second.ended_at, second.ended_by, second.is_current) == (None, None, True)


def test_the_refusal_of_an_old_consent_does_not_end_a_newer_one(site: Site) -> None:
    account_id = site.connect(consented_at=NOW)
    site.connect(consented_at=NOW + HOUR, now=NOW + HOUR)
    late = record_needs_sign_in(site.database, account_id, "sign_in_again", NOW + 2 * HOUR, consented_at=NOW)
    assert not late
    assert [consent.is_current for consent in history(site)] == [False, True]


def test_a_disconnect_ends_the_consent(site: Site) -> None:
    account_id = site.connect()
    record_disconnected(site.database, account_id, NOW + HOUR)
    (consent,) = history(site)
    assert (consent.ended_at, consent.ended_by) == (NOW + HOUR, "disconnected")


def test_old_consents_are_forgotten_but_no_accounts_last(site: Site) -> None:
    site.connect(consented_at=NOW)
    site.connect(consented_at=NOW + HOUR, now=NOW + HOUR)
    account_id = site.connect(consented_at=NOW + 2 * HOUR, now=NOW + 2 * HOUR)
    record_needs_sign_in(site.database, account_id, "sign_in_again", NOW + 3 * HOUR)
    assert prune_consents(site.database, NOW + 2 * HOUR) == 1
    assert prune_consents(site.database, NOW + DAY) == 1
    assert [consent.consented_at for consent in history(site)] == [NOW + 2 * HOUR]


def test_consents_are_listed_by_client_and_by_person(site: Site) -> None:
    one = site.connect(agent_id=1, subject="dana")
    other_client = record_client(site.database, site.box, SITE, "google", "id-2", "s", "p", [], NOW)
    two = site.connect(agent_id=2, subject="dana", client_ref=other_client)
    three = site.connect(agent_id=3, subject="ben", client_ref=other_client)
    assert [row.account_id for row in list_consents(site.database, SITE, other_client)] == [two, three]
    assert [row.account_id for row in consents_of_person(site.database, SITE, "dana", other_client)] == [two]
    assert [row.account_id for row in consents_of_person(site.database, SITE, "dana", site.client_ref)] == [
        one
    ]
    assert list_consents(site.database, "another-site") == []


def test_the_language_of_the_browser_is_kept_until_another_is_told(site: Site) -> None:
    account_id = site.connect(language="de")
    site.connect(consented_at=NOW + SECOND)
    assert site.account(account_id).language == "de"
    site.connect(consented_at=NOW + HOUR, language="fr")
    assert site.account(account_id).language == "fr"


# --- which may need a word --------------------------------------------------------------------


def test_a_quiet_account_needs_no_look(site: Site) -> None:
    site.connect(1)
    site.connect(2, ends_at=NOW + WEEK)
    assert near(site) == []


def test_an_account_near_its_known_end_is_looked_at(site: Site) -> None:
    soon = site.connect(1, ends_at=NOW + DAY)
    over = site.connect(2, ends_at=NOW - DAY)
    assert near(site) == [soon, over]


def test_where_ends_are_inferred_accounts_of_that_client_are_looked_at_in_their_last_days(site: Site) -> None:
    old = site.connect(1, consented_at=NOW - 6 * DAY)
    site.connect(2, consented_at=NOW - 4 * DAY)
    site.connect(3, consented_at=NOW - 6 * DAY, ends_at=NOW + WEEK)
    assert near(site, site.client_ref) == [old]
    assert near(site) == []


def test_a_signed_out_account_is_looked_at_with_the_moment_it_ended(site: Site) -> None:
    account_id = site.connect()
    record_needs_sign_in(site.database, account_id, "sign_in_again", NOW + HOUR)
    assert near(site) == [account_id]
    held = read_held_consent(site.database, account_id)
    assert held is not None
    assert (held.ended_at, held.is_current_client) == (NOW + HOUR, True)


def test_accounts_of_a_replaced_client_are_looked_at(site: Site) -> None:
    account_id = site.connect()
    record_client(site.database, site.box, SITE, "google", "id-2", "secret-2", "project", [], NOW)
    assert near(site) == [account_id]
    held = read_held_consent(site.database, account_id)
    assert held is not None
    assert (held.ended_at, held.is_current_client) == (None, False)


def test_a_disconnected_account_holds_no_consent(site: Site) -> None:
    account_id = site.connect(ends_at=NOW)
    record_disconnected(site.database, account_id, NOW)
    assert near(site) == []
    assert read_held_consent(site.database, account_id) is None
