"""A mail server that the set-up page keeps, changes and forgets, while the worker writes mails."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from latesync.errors import WrongInput
from latesync.notify.address import SmtpAddress
from latesync.notify.kept_server import FILE_NAME, forget_kept_server, read_kept_server, write_kept_server
from latesync.notify.mail_server import MailServer
from latesync.store.accounts import record_needs_sign_in
from tests.mail.office import BEN, DANA, Office
from tests.mail.postbox import Postbox, opened_postbox

HOUR = timedelta(hours=1)
SERVER = MailServer(
    SmtpAddress("mail.example.com", 587, "dana", "hidden", "starttls"), "Söhne <a@salon.example>"
)


def keep(office: Office, postbox: Postbox) -> None:
    address = SmtpAddress("127.0.0.1", postbox.port, None, None, "none")
    write_kept_server(office.services.config.home, MailServer(address, "Salon <mail@salon.example>"))


def sign_out(office: Office, agent_id: int) -> None:
    office.remember_consent(agent_id)
    record_needs_sign_in(office.services.database, office.account(agent_id).id, "sign_in_again", office.now)


def test_what_was_kept_is_read_again_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    write_kept_server(tmp_path, MailServer(SmtpAddress("old", 25, None, None, "none"), "a@b.example"))
    write_kept_server(tmp_path, SERVER)
    assert read_kept_server(tmp_path) == SERVER
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    assert "hidden" not in repr(SERVER)
    forget_kept_server(tmp_path)
    forget_kept_server(tmp_path)
    assert read_kept_server(tmp_path) is None


@pytest.mark.parametrize(
    "change", [{"port": "25"}, {"tls": "ssl3"}, {"sender": "hidden\r\nx"}, {"password": 7}, {"host": None}]
)
def test_unreadable_file_is_named_and_not_taken_for_none(tmp_path: Path, change: dict[str, object]) -> None:
    write_kept_server(tmp_path, SERVER)
    file = tmp_path / FILE_NAME
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(WrongInput, match=FILE_NAME) as caught:
        read_kept_server(tmp_path)
    assert "hidden" not in str(caught.value)
    for content in (b"", b"[]", b"\xff"):
        file.write_bytes(content)
        with pytest.raises(WrongInput, match=FILE_NAME):
            read_kept_server(tmp_path)


def test_running_worker_follows_what_is_kept_changed_and_forgotten(
    mailless: Office, postbox: Postbox
) -> None:
    keep(mailless, postbox)
    sign_out(mailless, DANA)
    assert mailless.look() == 1
    with opened_postbox() as other:
        keep(mailless, other)
        sign_out(mailless, BEN)
        assert mailless.look() == 1
    assert [len(box.mails) for box in (postbox, other)] == [1, 1]
    forget_kept_server(mailless.services.config.home)
    mailless.pass_time(25 * HOUR)
    mailless.remember_consent(DANA)
    mailless.pass_time(HOUR)
    record_needs_sign_in(mailless.services.database, mailless.account(DANA).id, "sign_in_again", mailless.now)
    assert mailless.look() == 0
    assert mailless.mails(DANA)[-1].ended_as == "no_mail"


def test_mail_waits_while_the_kept_server_cannot_be_read(mailless: Office, postbox: Postbox) -> None:
    file = mailless.services.config.home / FILE_NAME
    file.write_text("{")
    sign_out(mailless, DANA)
    assert mailless.look() == 0
    (row,) = mailless.mails()
    assert (row.ended_as, row.problem) == (None, "mail_server_unreadable")
    keep(mailless, postbox)
    mailless.pass_time(HOUR)
    assert mailless.look() == 1
