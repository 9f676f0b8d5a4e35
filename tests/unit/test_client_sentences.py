"""What the owner reads before a client is replaced, and after."""

from __future__ import annotations

from latesync.sentences.client_sentences import (
    listed,
    old_client_kept,
    replaced,
    replacement_lines,
    same_file,
)


def test_every_group_of_agents_is_told_by_name_what_becomes_of_it() -> None:
    lines = replacement_lines(
        "other_client",
        unnoticed=["Anna"],
        sign_in_again=["Ben", "Dana"],
        cut_off=["Eva"],
        signed_out=["Finn"],
        other_project="spa",
        warnings=["Mind the gap."],
        provider="google",
    )
    assert lines[0] == "Anna goes on and will not notice."
    assert lines[1].startswith("Ben and Dana must sign in again, once. Until then their bookings go on")
    assert lines[2].startswith("Eva must sign in again: Google refuses the old client")
    assert lines[3] == "Finn is signed out already and must sign in anyway."
    assert "spa" in lines[4]
    assert lines[5] == "Mind the gap."


def test_a_new_secret_says_when_the_old_one_may_go() -> None:
    assert replacement_lines("same_client", unnoticed=["Anna", "Ben"], provider="google") == [
        "Anna and Ben go on and will not notice.",
        "Switch the old secret off at Google only after this.",
    ]


def test_what_was_done_names_who_must_act() -> None:
    assert "Anna, Ben and Dana" in replaced("other_client", ["Anna", "Ben", "Dana"], provider="google")
    assert "Nobody has to sign in" in replaced("other_client", [], provider="google")
    assert "Nobody has to sign in" in replaced("same_client", ["Dana"], provider="google")


def test_the_same_file_says_what_google_has_against_it() -> None:
    assert same_file(None).endswith("nothing was changed.")
    assert same_file("Google does not accept it.").endswith("nothing was changed. Google does not accept it.")


def test_an_old_client_says_how_long_it_stays() -> None:
    assert old_client_kept(1).startswith("1 account still uses it.")
    assert old_client_kept(4).startswith("4 accounts still use it.")
    assert "forgotten within the hour" in old_client_kept(0)


def test_names_are_listed_as_people_do() -> None:
    assert [listed(names) for names in ([], ["A"], ["A", "B"], ["A", "B", "C"])] == [
        "",
        "A",
        "A and B",
        "A, B and C",
    ]
