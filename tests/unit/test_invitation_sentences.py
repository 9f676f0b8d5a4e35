"""What owners read about guests and mails."""

from __future__ import annotations

from latesync.sentences import event_sentences
from latesync.sentences.invitation_sentences import MEETING, customers_get_mail_from, left_out


def test_one_sentence_says_who_mails_customers() -> None:
    """users-ask.md U29."""
    assert customers_get_mail_from(google=False) == "Customers get mail from: the site only."
    assert customers_get_mail_from(google=False, only_some=True) == "Customers get mail from: the site only."
    assert customers_get_mail_from(google=True) == "Customers get mail from: the site and Google."
    assert "for some services" in customers_get_mail_from(google=True, only_some=True)


def test_guests_who_were_left_out_are_counted_and_the_remedy_is_named() -> None:
    assert left_out(0) == ""
    assert left_out(1).startswith("1 event to come stands in the calendar without its guest")
    assert left_out(3).startswith("3 events to come stand in the calendar without their guests")
    assert "tried again when the booking changes" in left_out(3)


def test_what_outlook_does_otherwise_stands_beside_the_choice() -> None:
    """microsoft-graph.md E16; an event in Outlook has no colour and one reminder."""
    assert "{{google_meet_url}}" in MEETING.text
    assert "at Outlook a Teams link" in MEETING.text
    assert "Outlook has no colours" in event_sentences.COLOUR_HINT
    assert "the first one counts" in event_sentences.REMINDERS_HINT
