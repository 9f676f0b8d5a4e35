"""The page Health, and what the doctor asks of mail, consents, quota and keys."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from latesync.checks.doctor import examine, examine_groups
from latesync.checks.findings import Finding
from latesync.options import Publishing
from latesync.read_overview import read_current_client
from latesync.store.accounts import record_needs_sign_in
from latesync.store.clients import write_publishing_status
from latesync.store.consents import record_consent_given
from latesync.store.outbox import put_mail
from latesync.store.quota import add_quota_use
from latesync.store.secrets import SecretBox, new_key
from latesync.web.presenting import with_commands
from tests.mail.postbox import Postbox, opened_postbox
from tests.services.ports import free_port
from tests.web.salon import DANA, NOW, Salon, open_salon


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with opened_postbox() as opened:
        yield opened


@pytest.fixture
def mailing_salon(tmp_path: Path, empty_state: Path, postbox: Postbox) -> Iterator[Salon]:
    with open_salon(tmp_path, state=empty_state, LATESYNC_SMTP_URL=postbox.url) as opened:
        yield opened


def found(salon: Salon, subject: str) -> list[Finding]:
    return [finding for finding in examine(salon.services) if finding.subject == subject]


def verdicts(salon: Salon, subject: str) -> set[str]:
    return {finding.verdict for finding in found(salon, subject)}


def client_ref(salon: Salon) -> int:
    client = read_current_client(salon.services, provider="google")
    assert client is not None
    return client.id


def test_apostrophes_are_curved_beside_commands_and_not_in_them() -> None:
    assert with_commands("the site's zone, `it's`") == "the site’s zone, <code>it&#39;s</code>"


# --- the page ---------------------------------------------------------------------------------


def test_health_is_the_owners(salon: Salon) -> None:
    salon.make_owner()
    assert salon.visitor().get("/health").location == "/sign-in"
    assert salon.agent().get("/health").status_code == 403


def test_page_shows_every_finding_of_the_doctor_with_its_remedy_in_groups(salon: Salon) -> None:
    page = salon.owner().get("/health")
    assert page.status_code == 200
    for group in examine_groups(salon.services):
        assert f">{group.title}<" in page.text
        for finding in group.findings:
            assert f"<strong>{with_commands(finding.subject)}</strong>" in page.text
    assert "none was uploaded" in page.text
    assert "Check again" in page.text
    assert 'href="/health" aria-current="page"' in page.text


def test_commands_are_code_and_markup_stays_text() -> None:
    shown = with_commands("run `latesync <doctor>` on <b>")
    assert shown == "run <code>latesync &lt;doctor&gt;</code> on &lt;b&gt;"


def test_page_counts_what_needs_a_person(salon: Salon) -> None:
    needing = sum(finding.needs_person for finding in examine(salon.services))
    assert needing > 1
    assert f"{needing} checks need you" in salon.owner().get("/health").text


def test_group_that_hangs_is_said_to_and_the_others_are_told(salon: Salon) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and never says a word
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        salon.services.config = replace(salon.services.config, google_base_url=address)
        salon.services.__dict__.pop("google", None)
        groups = {group.title: group for group in examine_groups(salon.services, within_s=6)}
    (late,) = groups["Google"].findings
    assert (late.verdict, late.sentence) == ("wrong", "did not answer in time")
    assert "Check again" in late.remedy
    assert "3 agents found" in [finding.sentence for finding in groups["Booking site"].findings]


def test_google_that_does_not_answer_is_named_by_its_host(tmp_path: Path, empty_state: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with open_salon(tmp_path, state=empty_state, LATESYNC_GOOGLE_BASE_URL=address) as salon:
        (finding,) = found(salon, "Google")
    assert finding.verdict == "wrong"
    assert finding.sentence.startswith(f"127.0.0.1:{port} does not answer")
    assert "/token" not in finding.sentence


# --- e-mail -----------------------------------------------------------------------------------


def test_missing_mail_server_is_a_note_for_it_may_be_meant_so(salon: Salon) -> None:
    (finding,) = found(salon, "e-mail")
    assert finding.verdict == "note"
    assert "LATESYNC_SMTP_URL" in finding.sentence


def test_mail_server_that_takes_mails_is_fine_and_gets_none(mailing_salon: Salon, postbox: Postbox) -> None:
    assert verdicts(mailing_salon, "e-mail") == {"fine"}
    assert postbox.mails == []


def test_mail_server_that_is_gone_needs_a_person(mailing_salon: Salon, postbox: Postbox) -> None:
    postbox.close()
    (finding,) = found(mailing_salon, "e-mail")
    assert finding.verdict == "wrong"
    assert "mail server" in finding.sentence


def test_waiting_mails_are_counted_with_the_age_of_the_oldest(salon: Salon) -> None:
    assert verdicts(salon, "outbox") == {"fine"}
    put_mail(
        salon.services.database,
        salon.services.site_id,
        "invitation:1:1",
        "invitation",
        agent_id=1,
        now=NOW,
        due_at=NOW,
    )
    salon.clock.advance(timedelta(hours=2))
    (finding,) = found(salon, "outbox")
    assert finding.verdict == "note"
    assert "1 mail waits, the oldest made 2 hours ago" in finding.sentence


# --- consents ---------------------------------------------------------------------------------


def in_testing(salon: Salon) -> None:
    salon.upload(mode="testing", test_users=["dana@example.com"])
    salon.connect(DANA)


def test_testing_that_nobody_said_is_seen_and_explained(salon: Salon) -> None:
    in_testing(salon)
    (finding,) = found(salon, "publishing status")
    assert finding.verdict == "note"
    assert "Sign-ins last seven days" in finding.sentence
    assert "publish the app" in finding.remedy


def test_published_app_whose_sign_ins_still_end_is_noted(salon: Salon) -> None:
    in_testing(salon)
    write_publishing_status(salon.services.database, client_ref(salon), Publishing.PRODUCTION)
    (finding,) = found(salon, "publishing status")
    assert "still lasts only seven days" in finding.sentence
    assert "Dana Reyes" in finding.remedy


def test_published_app_whose_sign_ins_last_is_fine(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    write_publishing_status(salon.services.database, client_ref(salon), Publishing.PRODUCTION)
    assert verdicts(salon, "publishing status") == {"fine"}
    assert verdicts(salon, "sign-ins") == {"fine"}


def test_sign_in_that_ends_soon_is_a_note_with_its_moment(salon: Salon) -> None:
    in_testing(salon)
    assert verdicts(salon, "sign-ins") == {"fine"}
    salon.clock.advance(timedelta(days=5, hours=12))
    (finding,) = found(salon, "sign-ins")
    assert finding.verdict == "note"
    assert "Dana Reyes signs out on Fri 27 Nov" in finding.sentence


def test_agent_signed_out_by_google_needs_a_person(salon: Salon) -> None:
    in_testing(salon)
    account = salon.account()
    assert account is not None
    record_needs_sign_in(salon.services.database, account.id, "sign_in_again", salon.clock())
    (finding,) = found(salon, "sign-ins")
    assert (finding.verdict, finding.sentence) == ("wrong", "signed out by Google: Dana Reyes")


def test_person_who_signed_in_often_is_noted_before_google_ends_the_oldest(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    account = salon.account()
    assert account is not None
    assert not any("has 71 sign-ins" in finding.sentence for finding in found(salon, "sign-ins"))
    with salon.services.database.write() as connection:
        for number in range(70):
            at = NOW + timedelta(minutes=number)
            record_consent_given(connection, account.id, account.client_ref, at, None)
    assert any("has 71 sign-ins" in finding.sentence for finding in found(salon, "sign-ins"))


def test_sign_in_nobody_used_for_five_months_is_noted(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    salon.clock.advance(timedelta(days=149))
    assert not any("was last used" in finding.sentence for finding in found(salon, "sign-ins"))
    salon.clock.advance(timedelta(days=2))
    assert any("was last used on Fri 20 Nov" in finding.sentence for finding in found(salon, "sign-ins"))


# --- quota and keys ---------------------------------------------------------------------------


def test_quota_used_is_shown_against_its_budget_and_noted_when_short(salon: Salon) -> None:
    salon.upload()
    assert verdicts(salon, "quota") == {"fine"}
    add_quota_use(salon.services.database, client_ref(salon), NOW, 850_000, 9_000)
    (finding,) = found(salon, "quota")
    assert finding.verdict == "note"
    assert "850,000" in finding.sentence
    assert "slows down" in finding.remedy


def test_sign_ins_that_cannot_be_read_any_more_are_named_by_agent(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    assert verdicts(salon, "stored sign-ins") == {"fine"}
    salon.services.box = SecretBox((new_key(),))
    (finding,) = found(salon, "stored sign-ins")
    assert finding.verdict == "wrong"
    assert "1 of 1 were written with a key that is gone (agents 3)" in finding.sentence
