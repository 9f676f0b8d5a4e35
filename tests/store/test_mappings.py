"""Booking ↔ event: intents before calls, answers right after, drift, and what needs attention."""

from __future__ import annotations

from latesync.model import Drift, Mapping, MappingState
from latesync.store.drift import record_seen
from latesync.store.mappings import (
    count_mapped,
    list_set_aside,
    mapped_booking_ids,
    mappings_of_events,
    read_mappings,
    record_gone,
    record_intents,
    record_retired,
    record_set_aside,
    record_written,
    withdraw_intents,
)
from tests.store.builders import HOUR, NOW, SITE, Site, a_span, an_answer, an_intent


def test_an_intent_is_known_before_the_answer(site: Site) -> None:
    account_id = site.connect()
    (mapping_id,) = record_intents(site.database, [an_intent(account_id)], NOW)
    assert _only(site, account_id) == Mapping(
        id=mapping_id,
        booking_id=7,
        agent_id=1,
        account_id=account_id,
        calendar_id="primary",
        event_id="ls7g0",
        generation=0,
        state=MappingState.INTENT,
        span=a_span(),
        content_hash="hash-1",
    )


def test_many_intents_answer_with_their_rows_in_order(site: Site) -> None:
    account_id, other = site.connect(1), site.connect(2)
    known = site.live_mapping(account_id, 600)
    rows = [an_intent(account_id, booking_id, generation=1) for booking_id in range(1200, 0, -1)]
    rows.append(an_intent(other, 600))
    ids = record_intents(site.database, rows, NOW)
    by_id = {m.id: m for a in (account_id, other) for m in read_mappings(site.database, a)}
    assert [(by_id[i].account_id, by_id[i].booking_id) for i in ids] == [
        (row.account_id, row.booking_id) for row in rows
    ]
    assert len(by_id) == 1201
    assert ids[600] == known


def test_a_new_intent_overwrites_all_that_was_known_of_the_booking_but_its_earlier_event(site: Site) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    record_seen(site.database, mapping_id, etag='"2"', has_agent_notes=True, drift=Drift.DELETED, now=NOW)
    intent = an_intent(
        account_id, event_id="ls7g1", generation=1, calendar_id="work", content_hash="hash-2", span=a_span(30)
    )
    assert record_intents(site.database, [intent], NOW) == [mapping_id]
    assert _only(site, account_id) == Mapping(
        id=mapping_id,
        booking_id=7,
        agent_id=1,
        account_id=account_id,
        calendar_id="work",
        event_id="ls7g1",
        generation=1,
        state=MappingState.INTENT,
        span=a_span(30),
        content_hash="hash-2",
        earlier_event_id="ls7g0",
    )


def test_no_intents_are_no_trouble(site: Site) -> None:
    assert record_intents(site.database, [], NOW) == []


def test_an_answer_ends_drift_and_problem(site: Site) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    record_seen(site.database, mapping_id, etag='"2"', has_agent_notes=False, drift=Drift.EDITED, now=NOW)
    record_set_aside(
        site.database, account_id, 7, content_hash="hash-2", span=a_span(), problem="refused", now=NOW
    )
    answer = an_answer(
        etag='"3"', content_hash="hash-3", echo_hash="echo-3", has_agent_notes=True, span=a_span(40)
    )
    record_written(site.database, mapping_id, **answer)
    mapping = _only(site, account_id)
    assert (mapping.state, mapping.drift, mapping.problem) == (MappingState.LIVE, None, "")
    assert (mapping.etag, mapping.content_hash, mapping.echo_hash) == ('"3"', "hash-3", "echo-3")
    assert (mapping.has_agent_notes, mapping.span) == (True, a_span(40))


def test_the_id_a_provider_gave_is_kept_from_its_answer_on(site: Site) -> None:
    """microsoft-graph.md E10, E12: another case is another id."""
    account_id = site.connect()
    (mapping_id,) = record_intents(site.database, [an_intent(account_id)], NOW)
    record_written(site.database, mapping_id, **an_answer(event_id="AAMkAGI2TGe"))
    record_written(site.database, mapping_id, **an_answer())
    assert _only(site, account_id).event_id == "AAMkAGI2TGe"
    record_gone(site.database, mapping_id, NOW)
    assert _only(site, account_id).event_id == "AAMkAGI2TGe"
    assert list(mappings_of_events(site.database, SITE, ["AAMkAGI2TGe"])) == ["AAMkAGI2TGe"]
    assert mappings_of_events(site.database, SITE, ["AAMkAGI2TGE"]) == {}


def test_a_listing_notes_and_takes_back_drift(site: Site) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    for etag, drift in (('"2"', Drift.EDITED), ('"3"', None)):
        record_seen(site.database, mapping_id, etag=etag, has_agent_notes=True, drift=drift, now=NOW)
        mapping = _only(site, account_id)
        assert (mapping.etag, mapping.drift, mapping.has_agent_notes) == (etag, drift, True)
        assert (mapping.content_hash, mapping.echo_hash) == ("hash-1", "echo-1")


def test_a_deleted_event_leaves_its_generation(site: Site) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id, generation=3)
    record_gone(site.database, mapping_id, NOW)
    mapping = _only(site, account_id)
    assert (mapping.state, mapping.generation, mapping.has_event) == (MappingState.GONE, 3, False)
    assert count_mapped(site.database, account_id) == 0


def test_retired_mappings_are_read_no_more_but_their_events_stay_ours(site: Site) -> None:
    account_id = site.connect()
    ids = [site.live_mapping(account_id, booking_id) for booking_id in (7, 8)]
    record_retired(site.database, ids[:1], NOW + HOUR)
    assert [mapping.id for mapping in read_mappings(site.database, account_id)] == ids[1:]
    found = mappings_of_events(site.database, SITE, ["ls7g0", "ls8g0", "another"])
    assert {key: mapping.state for key, mapping in found.items()} == {
        "ls7g0": MappingState.RETIRED,
        "ls8g0": MappingState.LIVE,
    }
    assert count_mapped(site.database, account_id) == 1


def test_an_event_is_ours_in_whichever_account_it_shows(site: Site) -> None:
    """A calendar written to through one account may be read through another (law L5)."""
    first, second = site.connect(1), site.connect(2)
    ids = {"abc": site.live_mapping(first, event_id="abc"), "ABC": site.live_mapping(second, event_id="ABC")}
    found = mappings_of_events(site.database, SITE, ["abc", "ABC", "aBC"])
    assert {key: mapping.id for key, mapping in found.items()} == ids
    assert mappings_of_events(site.database, "another-one", ["abc"]) == {}
    assert mappings_of_events(site.database, SITE, []) == {}


def test_a_create_never_asked_for_is_withdrawn_and_one_answered_is_not(site: Site) -> None:
    account_id = site.connect()
    ids = record_intents(site.database, [an_intent(account_id, number) for number in (7, 8)], NOW)
    record_written(site.database, ids[0], **an_answer())
    withdraw_intents(site.database, ids, NOW)
    states = {mapping.booking_id: mapping.state for mapping in read_mappings(site.database, account_id)}
    assert states == {7: MappingState.LIVE, 8: MappingState.GONE}


def test_what_a_provider_refused_is_listed_until_it_is_written(site: Site) -> None:
    account_id = site.connect()
    (never_made,) = record_intents(site.database, [an_intent(account_id, 9)], NOW)
    site.live_mapping(account_id, 7)
    for booking_id in (9, 7):
        record_set_aside(
            site.database,
            account_id,
            booking_id,
            content_hash="hash-2",
            span=a_span(30),
            problem="invalid",
            now=NOW,
        )
    listed = list_set_aside(site.database, SITE)
    assert [(m.booking_id, m.problem, m.content_hash, m.has_event) for m in listed] == [
        (7, "invalid", "hash-2", True),
        (9, "invalid", "hash-2", False),
    ]
    record_written(site.database, never_made, **an_answer())
    assert [mapping.booking_id for mapping in list_set_aside(site.database, SITE)] == [7]
    assert list_set_aside(site.database, "another-one") == []


def test_the_newest_mapped_bookings_come_first_and_once(site: Site) -> None:
    first, second = site.connect(1), site.connect(2)
    ids = {booking_id: site.live_mapping(first, booking_id) for booking_id in (5, 6, 7, 8)}
    record_intents(site.database, [an_intent(second, 6), an_intent(second, 9)], NOW)
    record_gone(site.database, ids[8], NOW)
    record_retired(site.database, [ids[5]], NOW)
    assert mapped_booking_ids(site.database, SITE, 10) == [9, 7, 6]
    assert mapped_booking_ids(site.database, SITE, 1) == [9]


def _only(site: Site, account_id: int) -> Mapping:
    (mapping,) = read_mappings(site.database, account_id)
    return mapping
