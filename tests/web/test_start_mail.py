"""The set-up's step E-mail: a mail server is tried, kept, tested and forgotten, in the page alone."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from latesync.archive import Cost
from latesync.backup import check_backup, restore_backup, write_backup
from latesync.checks.mail import check_mail
from latesync.notify.kept_server import FILE_NAME, read_kept_server
from latesync.set_up import Step, read_set_up
from tests.mail.postbox import Postbox, opened_postbox
from tests.mail.smtp_servers import MailServer, authority_pem, closed_port, mail_server
from tests.web.salon import OWNER, Salon, open_salon, post

USER, PASSWORD = "bookings@salon.example", "hush hush/@:%"
SENDER = "Salon Linden <bookings@salon.example>"


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with opened_postbox() as opened:
        yield opened


@pytest.fixture
def mailing_salon(tmp_path: Path, empty_state: Path, postbox: Postbox) -> Iterator[Salon]:
    """Its environment names a mail server."""
    with open_salon(tmp_path, state=empty_state, LATESYNC_SMTP_URL=postbox.url) as opened:
        yield opened


@pytest.fixture
def trusting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine believes in the test servers' certificate."""
    (tmp_path / "authority.pem").write_text(authority_pem())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.fixture
def server() -> Iterator[MailServer]:
    """Wants a user and a password."""
    with mail_server(users={USER: PASSWORD, "ben@salon.example": "ben's"}) as opened:
        yield opened


def form_for(server: MailServer | Postbox, **changes: str) -> dict[str, str]:
    values = {
        "host": "127.0.0.1",
        "port": str(server.port),
        "user": "",
        "password": "",
        "tls": "none",
        "sender_address": USER,
        "sender_name": "Salon Linden",
    }
    return values | changes


def with_login(server: MailServer, **changes: str) -> dict[str, str]:
    return form_for(server, **({"user": USER, "password": PASSWORD} | changes))


def keep(owner: FlaskClient, form: dict[str, str]) -> None:
    answer = post(owner, "/start/mail", form)
    assert answer.location == "/start/mail", answer.text


def refused(owner: FlaskClient, form: dict[str, str]) -> str:
    answer = post(owner, "/start/mail", form)
    assert answer.status_code == 422
    assert "hush" not in answer.text
    alerts = re.findall(r'role="alert">(.*?)</div>', answer.text)
    assert len(alerts) == 1
    return unescape(str(alerts[0]))


def send_test(owner: FlaskClient, recipient: str = "owner@example.com") -> int:
    form = {"recipient": recipient}
    return post(owner, "/start/mail/test", form, page="/start/mail").status_code


def is_done(salon: Salon) -> bool:
    return Step.MAIL in read_set_up(salon.services).done


def kept(salon: Salon) -> Path:
    return salon.services.config.home / FILE_NAME


# --- what the environment names -----------------------------------------------------------------


def test_server_from_the_environment_is_said_to_be_and_has_no_form(
    mailing_salon: Salon, postbox: Postbox
) -> None:
    owner = mailing_salon.owner()
    page = owner.get("/start/mail").text
    assert "Whoever installed LateSync set this" in page
    assert 'name="password"' not in page
    for path, form in (("/start/mail", form_for(postbox)), ("/start/mail/remove", {})):
        assert post(owner, path, form, page="/start/mail").location == "/start/mail"
        assert "changed there and not here" in owner.get("/start/mail").text
    assert not kept(mailing_salon).exists()
    (finding,) = check_mail(mailing_salon.services)
    assert "LATESYNC_SMTP_URL" in finding.sentence


def test_environment_comes_before_what_was_kept(tmp_path: Path, empty_state: Path, postbox: Postbox) -> None:
    with open_salon(tmp_path, state=empty_state) as salon, mail_server() as server:
        keep(salon.owner(), form_for(server))
        config = replace(salon.services.config, smtp_url=postbox.url)
        found = replace(salon.services, config=config).mail_server()
    assert found is not None
    assert found.address.port == postbox.port


def test_sender_from_the_environment_counts_for_the_typed_server_too(
    tmp_path: Path, empty_state: Path, server: MailServer
) -> None:
    with open_salon(tmp_path, state=empty_state, LATESYNC_MAIL_FROM="desk@salon.example") as salon:
        owner = salon.owner()
        assert "LATESYNC_MAIL_FROM" in owner.get("/start/mail").text
        keep(owner, with_login(server, sender_address="", sender_name=""))
        send_test(owner)
    assert [mail.sender for mail in server.received] == ["desk@salon.example"]


def test_server_nobody_tried_is_not_said_to_work(mailing_salon: Salon) -> None:
    owner = mailing_salon.owner()
    assert "no test message yet" in owner.get("/start/mail").text
    send_test(owner)
    assert "works</span>" in owner.get("/start/mail").text


# --- trying and keeping -------------------------------------------------------------------------


def test_form_proposes_what_fits_most_salons(salon: Salon) -> None:
    page = unescape(salon.owner().get("/start/mail").text)
    for name, value in (("port", "587"), ("sender_address", OWNER), ("sender_name", "Salon Linden")):
        assert re.search(rf'name="{name}"[^>]* value="{value}"', page), name
    assert 'value="auto" selected' in page
    assert "smtp.gmail.com" in page
    assert "LATESYNC_SMTP_URL" not in page


def test_typed_server_is_tried_kept_and_its_password_never_shown_again(
    salon: Salon, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    owner = salon.owner()
    keep(owner, with_login(server))
    page = owner.get("/start/mail").text
    assert "lets LateSync in" in page
    assert f'value="{USER}"' in page
    assert unescape(page).count(SENDER) == 1
    found = salon.services.mail_server()
    for shown in (page, caplog.text, repr(salon.services), repr(found), repr(salon.services.mailer)):
        assert "hush" not in shown
    assert stat.S_IMODE(kept(salon).stat().st_mode) == 0o600
    assert [path.name for path in kept(salon).parent.glob("*mail_server*")] == [FILE_NAME]
    assert server.received == []
    (finding,) = check_mail(salon.services)
    assert finding.verdict == "fine"
    assert "set on the page Set-up" in finding.sentence


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize(
    ("tls", "typed"), [("starttls", "auto"), ("starttls", "starttls"), ("implicit", "implicit")]
)
def test_server_that_encrypts_is_kept_and_takes_a_test_message(salon: Salon, tls: str, typed: str) -> None:
    owner = salon.owner()
    with mail_server(tls=tls, users={USER: PASSWORD}) as encrypting:
        keep(owner, with_login(encrypting, tls=typed))
        assert send_test(owner) == 302
    (mail,) = encrypting.received
    assert (mail.was_encrypted, mail.user, mail.sender) == (True, USER, USER)
    assert str(mail.message["From"]) == SENDER


def test_test_message_is_offered_to_who_looks_and_ends_the_step(salon: Salon, postbox: Postbox) -> None:
    owner = salon.owner()
    keep(owner, form_for(postbox))
    assert not is_done(salon)
    page = owner.get("/start/mail").text
    assert re.search(rf'name="recipient"[^>]* value="{OWNER}"', page)
    assert send_test(owner, OWNER) == 302
    assert [mail.recipient for mail in postbox.mails] == [OWNER]
    assert is_done(salon)


@pytest.mark.parametrize("changes", [{"sender_address": "desk@salon.example"}, {"port": "other"}])
def test_server_that_was_changed_must_be_tested_anew(
    salon: Salon, postbox: Postbox, changes: dict[str, str]
) -> None:
    owner = salon.owner()
    keep(owner, form_for(postbox))
    send_test(owner)
    keep(owner, form_for(postbox))
    assert is_done(salon)
    with opened_postbox() as other:
        changed = {name: str(other.port) if value == "other" else value for name, value in changes.items()}
        keep(owner, form_for(postbox, **changed))
        assert not is_done(salon)
        assert "no test message yet" in owner.get("/start/mail").text
        keep(owner, form_for(postbox))
    assert is_done(salon)


def test_empty_password_means_the_known_one_for_the_same_server_and_user_only(
    salon: Salon, server: MailServer
) -> None:
    owner = salon.owner()
    keep(owner, with_login(server))
    keep(owner, with_login(server, password="", sender_name="Linden"))
    found = salon.services.mail_server()
    assert found is not None
    assert (found.address.password, found.sender) == (PASSWORD, f"Linden <{USER}>")
    with mail_server(users={USER: PASSWORD}) as other:
        for changes in (
            {"port": str(other.port)},
            {"host": "localhost"},
            {"user": "ben@salon.example"},
        ):
            said = refused(owner, with_login(server, **{"password": ""} | changes))
            assert said == "Give both a user and a password, or neither."
    assert salon.services.mail_server() == found


def test_login_can_be_taken_out_again(salon: Salon, server: MailServer, postbox: Postbox) -> None:
    owner = salon.owner()
    keep(owner, with_login(server))
    keep(owner, form_for(postbox))
    assert json.loads(kept(salon).read_text())["password"] is None


# --- refusals -----------------------------------------------------------------------------------


def test_wrong_password_is_said_nothing_is_kept_and_the_rest_stays_typed(
    salon: Salon, server: MailServer
) -> None:
    form = with_login(server, password="hush", sender_name="Linden & Söhne")
    answer = post(salon.owner(), "/start/mail", form)
    assert answer.status_code == 422
    assert "does not accept user and password" in answer.text
    page = unescape(answer.text)
    for name in ("host", "port", "user", "sender_address", "sender_name"):
        assert re.search(rf'name="{name}"[^>]* value="{re.escape(form[name])}"', page), name
    assert 'value="none" selected' in page
    assert "hush" not in page
    assert not kept(salon).exists()


def test_server_that_is_not_there_or_does_not_encrypt_is_explained(salon: Salon, postbox: Postbox) -> None:
    owner = salon.owner()
    with closed_port() as closed:
        assert "does not answer" in refused(owner, form_for(closed))
    assert "name is not known" in refused(owner, form_for(postbox, host="mail.salon.invalid"))
    assert "does not encrypt in this way" in refused(owner, form_for(postbox, tls="starttls"))
    with mail_server(tls="starttls") as unknown:
        assert "certificate" in refused(owner, form_for(unknown, tls="starttls"))
    with mail_server(answers={"NOOP": "451 4.3.0 later"}) as busy:
        assert "come back later" in refused(owner, form_for(busy))
    assert not kept(salon).exists()


def test_refusal_leaves_the_server_that_was_kept(salon: Salon, server: MailServer) -> None:
    owner = salon.owner()
    keep(owner, with_login(server))
    before = kept(salon).read_bytes()
    refused(owner, with_login(server, password="hush"))
    assert kept(salon).read_bytes() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"host": ""},
        {"host": "smtp://127.0.0.1"},
        {"host": "user:hush@127.0.0.1"},
        {"host": "127.0.0.1:25"},
        {"host": "127.0.0.1/x?tls=none"},
        {"host": "127.0.0.1\r\nRSET"},
        {"host": "a" * 300},
        {"host": "-oProxy"},
        {"port": "0"},
        {"port": "65536"},
        {"port": "25\r\n26"},
        {"port": "٢٥"},
        {"user": "dana\r\nMAIL FROM:<x@y.example>", "password": "hush"},
        {"user": "dana", "password": "hush\r\nRSET"},
        {"user": "dana\0ben", "password": "hush"},
        {"user": "dana", "password": ""},
        {"user": "", "password": "hush"},
        {"user": "dana", "password": "hush" * 1000},
        {"host": "mail.example.com", "user": "dana", "password": "hush", "tls": "none"},
        {"tls": "ssl3"},
        {"tls": ""},
        {"sender_address": ""},
        {"sender_address": "a@b.example, c@d.example"},
        {"sender_address": "a@b.example>\r\nRCPT TO:<c@d.example"},
        {"sender_name": "Linden\r\nBcc: x@y.example"},
        {"sender_name": "=?utf-8?q?x?= <x@y.example>,"},
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_server_is_asked(
    salon: Salon, postbox: Postbox, changes: dict[str, str]
) -> None:
    postbox.close()  # whoever asked it would be told that it does not answer
    said = refused(salon.owner(), form_for(postbox, **changes))
    assert "does not answer" not in said
    assert not kept(salon).exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", USER),
        ("Linden, Söhne & Co.", f'"Linden, Söhne & Co." <{USER}>'),
        ('The "best" salon <in town>', f'"The \\"best\\" salon <in town>" <{USER}>'),
    ],
)
def test_sender_with_an_odd_name_arrives_as_typed(
    salon: Salon, postbox: Postbox, name: str, shown: str
) -> None:
    owner = salon.owner()
    keep(owner, form_for(postbox, sender_name=name))
    assert send_test(owner) == 302
    (sender,) = postbox.mails[0].message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, USER)
    found = read_kept_server(kept(salon).parent)
    assert found is not None
    assert found.sender == shown


def test_mail_server_that_refuses_the_test_is_told_in_plain_words(salon: Salon, postbox: Postbox) -> None:
    owner = salon.owner()
    keep(owner, form_for(postbox))
    postbox.answer = "550 5.1.1 no such mailbox"
    answer = post(owner, "/start/mail/test", {"recipient": "gone@example.com"}, page="/start/mail")
    assert answer.status_code == 422
    assert "will never take a mail to this address" in answer.text
    assert 'value="gone@example.com"' in answer.text
    assert not is_done(salon)


def test_sender_the_server_does_not_take_is_told(salon: Salon) -> None:
    owner = salon.owner()
    with mail_server(answers={"MAIL": "553 5.7.1 not yours"}) as strict:
        keep(owner, form_for(strict))
        answer = post(owner, "/start/mail/test", {"recipient": OWNER}, page="/start/mail")
    assert "does not send for this sender" in answer.text


def test_what_is_no_address_is_refused_before_any_server_is_asked(
    mailing_salon: Salon, postbox: Postbox
) -> None:
    owner = mailing_salon.owner()
    for recipient in (
        "dana",
        "dana@example.com, ben@example.com",
        "dana@example.com\r\nBcc: ben@example.com",
    ):
        assert send_test(owner, recipient) == 422
    assert postbox.mails == []


# --- without, and away again --------------------------------------------------------------------


def test_e_mail_may_be_left_out_and_the_consequence_is_said(salon: Salon) -> None:
    owner = salon.owner()
    answer = post(owner, "/start/mail/skip", page="/start/mail")
    assert answer.location == "/start/agents"
    assert "Nobody is reminded" in owner.get("/start/agents").text
    assert is_done(salon)


def test_who_left_it_out_and_gives_a_server_after_all_is_asked_for_a_test(
    salon: Salon, postbox: Postbox
) -> None:
    owner = salon.owner()
    post(owner, "/start/mail/skip", page="/start/mail")
    keep(owner, form_for(postbox))
    assert not is_done(salon)


def test_removed_server_is_forgotten_with_its_password(salon: Salon, server: MailServer) -> None:
    owner = salon.owner()
    keep(owner, with_login(server))
    send_test(owner)
    post(owner, "/start/mail/remove", page="/start/mail")
    assert not kept(salon).exists()
    assert salon.services.mailer is None
    assert not is_done(salon)
    assert "Which mailbox may LateSync send from?" in owner.get("/start/mail").text
    assert send_test(owner) == 422


def test_unreadable_file_is_named_and_can_be_replaced(salon: Salon, postbox: Postbox) -> None:
    owner = salon.owner()
    kept(salon).write_text('{"host": "hush"')
    for path in ("/start/mail", "/start/agents", "/start/done", "/"):
        assert owner.get(path).status_code == 200
    page = owner.get("/start/mail").text
    assert FILE_NAME in page
    assert "hush" not in page
    assert send_test(owner) == 422
    keep(owner, form_for(postbox))
    assert salon.services.mailer is not None


def test_buttons_addresses_lead_back_to_the_page(salon: Salon) -> None:
    owner = salon.owner()
    for name in ("remove", "test", "skip"):
        assert owner.get(f"/start/mail/{name}").location == "/start/mail"


def test_backup_carries_the_kept_server(salon: Salon, server: MailServer, tmp_path: Path) -> None:
    keep(salon.owner(), with_login(server))
    before, content, file = kept(salon).read_text(), BytesIO(), tmp_path / "house.backup"
    write_backup(salon.services, content, "correct horse battery", [], cost=Cost(n=2, r=1, p=1))
    file.write_bytes(content.getvalue())
    assert b"hush" not in content.getvalue()
    kept(salon).unlink()
    description = check_backup(file, "correct horse battery")
    assert "hush" not in repr(description)
    restore_backup(salon.services, file, "correct horse battery", description)
    assert kept(salon).read_text() == before
    assert stat.S_IMODE(kept(salon).stat().st_mode) == 0o600
