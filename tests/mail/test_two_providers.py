"""Mails about accounts at Microsoft, and about agents who have one at each provider."""

from __future__ import annotations

from datetime import timedelta

from latesync.mailing.digest import digest_items
from latesync.mailing.sending import invite
from latesync.notify.reminder import DigestItem
from latesync.read_overview import read_overview
from latesync.store.accounts import record_needs_sign_in
from latesync.store.alarms import list_alarms
from latesync.store.clients import record_client_problem
from tests.mail.office import BEN, DANA, OWNER, Office
from tests.mail.test_alarms import minutes, subjects

DAY = timedelta(days=1)
DANAS = "dana@salon-linden.example"


def sign_out(office: Office, provider: str) -> None:
    account = office.account(DANA, provider)
    record_needs_sign_in(office.services.database, account.id, "sign_in_again", office.now)


def test_a_signed_out_outlook_agent_reads_of_microsoft_alone(office: Office) -> None:
    office.remember_consent(DANA, provider="microsoft")
    sign_out(office, "microsoft")
    assert office.look() == 1
    (mail,) = office.postbox.to(DANAS)
    assert "Microsoft has ended your sign-in" in mail.text
    assert "Sign in again with Microsoft" in mail.text
    assert "agent-3@outlook.example" in mail.text
    assert "Google" not in mail.text


def test_each_account_of_an_agent_has_a_mail_and_a_link_of_its_own(office: Office) -> None:
    office.remember_consent(DANA)
    office.remember_consent(DANA, provider="microsoft")
    sign_out(office, "google")
    sign_out(office, "microsoft")
    office.look()
    mails = office.postbox.to(DANAS)
    assert sorted("Microsoft" if "Microsoft" in mail.text else "Google" for mail in mails) == [
        "Google",
        "Microsoft",
    ]
    links = {line for mail in mails for line in mail.text.splitlines() if "/connect/" in line}
    assert len(links) == 2
    assert office.look() == 0


def test_a_sign_in_with_one_provider_ends_no_mail_about_the_other(office: Office) -> None:
    office.remember_consent(DANA)
    office.remember_consent(DANA, provider="microsoft")
    sign_out(office, "microsoft")
    office.remember_consent(DANA)
    assert office.look() == 1
    (mail,) = office.postbox.to(DANAS)
    assert "Microsoft has ended your sign-in" in mail.text


def test_a_sign_in_with_microsoft_is_never_said_to_end_after_a_week(office: Office) -> None:
    """microsoft-graph.md T5: not even after one that was refused on its seventh day."""
    office.remember_consent(DANA, provider="microsoft")
    office.pass_time(7 * DAY)
    sign_out(office, "microsoft")
    office.look()
    office.remember_consent(DANA, provider="microsoft")
    told = len(office.postbox.mails)
    for _ in range(8):
        office.pass_time(DAY)
        office.look()
    assert len(office.postbox.mails) == told


def test_an_invitation_names_whoever_is_set_up(office: Office) -> None:
    office.register_app()
    assert invite(office.services, DANA, office.now)
    office.look()
    office.salon.upload()
    assert invite(office.services, BEN, office.now)
    office.look()
    texts = [mail.text for mail in office.postbox.mails]
    assert "Sign in with Microsoft once" in texts[0]
    assert "Sign in with Google / Microsoft once" in texts[1]


def test_the_digest_says_both_accounts_of_an_agent(office: Office) -> None:
    office.remember_consent(DANA)
    office.remember_consent(DANA, provider="microsoft")
    sign_out(office, "google")
    sign_out(office, "microsoft")
    items: list[DigestItem] = digest_items(office.services, read_overview(office.services, office.now))
    said = " ".join(item.text for item in items)
    assert "Google has signed Dana Reyes out" in said
    assert "Microsoft has signed Dana Reyes out" in said


def an_office_whose_secret_ends(office: Office, in_days: int) -> None:
    office.salon.make_owner()
    office.remember_consent(DANA, provider="microsoft")
    office.register_app((office.now + in_days * DAY).date())
    minutes(office, 6)


def test_the_owner_hears_of_a_secrets_end_once_a_stage_and_once_of_the_new_one(office: Office) -> None:
    """microsoft-graph.md M2."""
    an_office_whose_secret_ends(office, 31)
    minutes(office, 20)
    assert subjects(office) == []
    told = []
    for days in (1, 1, 22, 1, 5, 1, 2, 1):
        office.pass_time(days * DAY)
        minutes(office, 25)
        told.append(len(subjects(office)))
    assert told == [1, 1, 2, 2, 3, 3, 4, 4]
    assert set(subjects(office)) == {"Salon Linden: the secret of the app at Microsoft ends"}
    office.register_app((office.now + 700 * DAY).date(), "another value")
    minutes(office, 25)
    assert subjects(office)[4:] == ["Salon Linden: LateSync has a newer secret for the app at Microsoft"]


def test_a_secret_that_microsoft_refuses_is_told_as_that_and_not_twice(office: Office) -> None:
    """microsoft-graph.md M2, AADSTS7000222: whatever day the owner had said."""
    an_office_whose_secret_ends(office, 200)
    client_ref = office.account(DANA, "microsoft").client_ref
    record_client_problem(office.services.database, client_ref, "secret_expired", office.now)
    minutes(office, 25)
    assert subjects(office) == ["Salon Linden: Microsoft does not accept LateSync"]
    (mail,) = office.postbox.to(OWNER)
    assert "The secret of the app at Microsoft has ended" in " ".join(mail.text.split())
    assert [row.kind for row in list_alarms(office.services.database, office.services.site_id)] == [
        "app_refused"
    ]
