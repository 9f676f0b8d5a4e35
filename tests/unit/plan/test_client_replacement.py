"""What an uploaded client file would change, and for whom."""

from __future__ import annotations

from latesync.plan.client_replacement import Change, ClientUser, KnownClient, plan_replacement

NEW, OLD, OLDER = (
    KnownClient(2, "new", "salon", is_current=True),
    KnownClient(1, "old"),
    KnownClient(3, "older"),
)
ANNA, BEN, DANA = 1, 2, 3


def test_first_file_concerns_nobody_and_needs_no_question() -> None:
    replacement = plan_replacement("new", "salon", [], [], is_unchanged=False)
    assert replacement.change is Change.FIRST
    assert not replacement.needs_a_yes


def test_same_client_lets_everybody_of_it_go_on_unnoticed() -> None:
    users = [ClientUser(BEN, NEW.ref), ClientUser(ANNA, NEW.ref), ClientUser(DANA, OLD.ref)]
    replacement = plan_replacement("new", "salon", [NEW, OLD], users, is_unchanged=False)
    assert replacement.change is Change.SAME_CLIENT
    assert (replacement.unnoticed, replacement.sign_in_again) == ((ANNA, BEN), (DANA,))
    assert replacement.needs_a_yes


def test_another_client_asks_exactly_those_of_other_clients_to_sign_in_again() -> None:
    users = [
        ClientUser(ANNA, NEW.ref),
        ClientUser(BEN, OLD.ref),
        ClientUser(DANA, NEW.ref, is_signed_in=False),
    ]
    replacement = plan_replacement("third", "salon", [NEW, OLD], users, is_unchanged=False)
    assert replacement.change is Change.OTHER_CLIENT
    assert (replacement.unnoticed, replacement.sign_in_again) == ((), (ANNA, BEN))
    assert replacement.signed_out == (DANA,)


def test_going_back_to_an_old_client_leaves_its_agents_alone() -> None:
    users = [ClientUser(ANNA, NEW.ref), ClientUser(BEN, OLD.ref)]
    replacement = plan_replacement("old", None, [NEW, OLD, OLDER], users, is_unchanged=False)
    assert (replacement.unnoticed, replacement.sign_in_again) == ((BEN,), (ANNA,))


def test_agents_of_a_refused_client_are_cut_off_at_once() -> None:
    refused = KnownClient(1, "old", is_current=True, is_refused=True)
    replacement = plan_replacement("new", None, [refused], [ClientUser(ANNA, 1)], is_unchanged=False)
    assert (replacement.cut_off, replacement.sign_in_again) == ((ANNA,), ())


def test_very_same_file_needs_no_question() -> None:
    replacement = plan_replacement("new", "salon", [NEW], [ClientUser(ANNA, NEW.ref)], is_unchanged=True)
    assert replacement.change is Change.SAME_FILE
    assert not replacement.needs_a_yes


def test_a_client_of_another_project_is_named() -> None:
    same = plan_replacement("x", "salon", [NEW], [], is_unchanged=False)
    other = plan_replacement("x", "spa", [NEW], [], is_unchanged=False)
    assert (same.other_project, other.other_project) == (None, "spa")


def test_the_answer_is_about_the_client_of_the_file() -> None:
    assert plan_replacement("third", None, [NEW, OLD], [], is_unchanged=False).client_id == "third"
