from __future__ import annotations

import pytest

from latesync.config import names_in_use, read_backup_passphrase
from latesync.errors import ConfigurationInvalid
from latesync.sentences import key_sentences


def test_a_lost_key_is_one_sentence_with_both_ways_out_however_many_it_concerns() -> None:
    many = key_sentences.sign_ins_must_be_renewed([f"Agent {n}" for n in range(30)], lost_clients=["google"])
    assert "sign-ins must be renewed" in many
    assert "upload the client file again" in many
    assert "Agent 0, Agent 1, Agent 2 and 27 more" in many
    assert key_sentences.PUT_BACK in many


def test_a_lost_key_says_only_what_is_left_to_do() -> None:
    sign_ins_only = key_sentences.sign_ins_must_be_renewed(["Dana", "Ben"])
    assert "ask Dana and Ben to open" in sign_ins_only
    assert "upload" not in sign_ins_only
    client_only = key_sentences.sign_ins_must_be_renewed([], lost_clients=["google"])
    assert "upload the client file again" in client_only
    assert "ask" not in client_only
    microsofts = key_sentences.sign_ins_must_be_renewed([], lost_clients=["microsoft"])
    assert "paste the app’s secret again on the Microsoft page" in microsofts
    assert "Google" not in microsofts


@pytest.mark.parametrize(("total", "which"), [(2, "The second key may go"), (4, "Keys 2 to 4 may go")])
def test_keys_that_may_go_are_named_by_their_place(total: int, which: str) -> None:
    assert which in key_sentences.may_go(total)


def test_one_thing_is_said_as_one() -> None:
    assert "1 secret was sealed" in key_sentences.rotated(1, 0)
    assert "2 secrets were sealed" in key_sentences.rotated(2, 1)
    assert "1 older key was removed" in key_sentences.rotated(2, 1)
    assert "older" not in key_sentences.rotated(2, 0)
    assert "1 secret could not be read and stayed as it is" in key_sentences.not_resealed(1)


def test_a_machine_that_lacks_nothing_is_told_so_by_silence() -> None:
    assert not any("Set as on" in line for line in key_sentences.still_to_do([]))
    assert any("A_FILE, B" in line for line in key_sentences.still_to_do(["A_FILE", "B"]))


def test_the_passphrase_comes_from_the_environment_or_is_asked_for() -> None:
    assert read_backup_passphrase({}) is None
    assert (
        read_backup_passphrase({"LATESYNC_BACKUP_PASSPHRASE": "four words of mine"}) == "four words of mine"
    )
    both = {"LATESYNC_BACKUP_PASSPHRASE": "x", "LATESYNC_BACKUP_PASSPHRASE_FILE": "/y"}
    with pytest.raises(ConfigurationInvalid, match="both set"):
        read_backup_passphrase(both)


def test_variables_in_use_are_named_as_they_are_written() -> None:
    environ = {
        "LATESYNC_BASE_URL": "x",
        "LATESYNC_SECRET_KEY_FILE": "/x",
        "LATESYNC_HOME": " ",
        "PATH": "/bin",
    }
    assert names_in_use(environ) == ("LATESYNC_BASE_URL", "LATESYNC_SECRET_KEY_FILE")
