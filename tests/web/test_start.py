"""The guided set-up: each step says what is missing, and what is done is told from what is there."""

from __future__ import annotations

import html
import io
import json
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import URL, insert, make_url, select, update

from latesync.latepoint.bridge_tables import missing_bridge_tables
from latesync.latepoint.connection import open_site_database
from latesync.latepoint.grants import grant_statements
from latesync.latepoint.kept_address import FILE_NAME
from latesync.options import Publishing
from latesync.read_overview import read_current_client
from latesync.sentences.consent_sentences import PUBLISHING
from latesync.set_up import Step, read_set_up
from latesync.store.accounts import record_disconnected, record_needs_sign_in
from latesync.store.mail_stops import agent_name, stop_mail
from latesync.store.schema import accounts, mappings
from latesync.store.set_up import read_early_publishing
from tests.mail.postbox import Postbox, opened_postbox
from tests.services.mariadb import MariaDBServer
from tests.site.builders import create_site
from tests.web.mail_links import sign_out
from tests.web.salon import ANNA, BEN, DANA, NOW, Salon, open_salon, post
from tests.web.signing import HELLO, note_body, send

ORIGIN = "http://localhost:8080"
# A heading over steps at Google, and the first of these.
TITLES = {
    "/start/project": ("A project of your own", "Make a project"),
    "/start/client": ("Get the file from Google", "Make the client"),
    "/google": ("The project", "Make a project"),
}


@pytest.fixture
def siteless(tmp_path: Path, empty_state: Path) -> Iterator[Salon]:
    """An installation to which no booking site was named."""
    with open_salon(tmp_path, state=empty_state, LATESYNC_SITE_DATABASE_URL="") as opened:
        yield opened


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with opened_postbox() as opened:
        yield opened


@pytest.fixture
def mailing_salon(tmp_path: Path, empty_state: Path, postbox: Postbox) -> Iterator[Salon]:
    with open_salon(tmp_path, state=empty_state, LATESYNC_SMTP_URL=postbox.url) as opened:
        yield opened


def done(salon: Salon) -> set[Step]:
    return set(read_set_up(salon.services).done)


def form_for(url: URL, **changes: str) -> dict[str, str]:
    values = {
        "host": url.host or "",
        "port": str(url.port),
        "database": url.database or "",
        "user": url.username or "",
        "password": url.password or "",
        "prefix": "",
    }
    return values | changes


def upload(client: FlaskClient, content: object) -> str:
    """The page after uploading this as the client file in the set-up."""
    page = client.get("/start/client").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    file = (io.BytesIO(json.dumps(content).encode()), "client_secret.json")
    form = {"csrf_token": token[1], "file": file}
    return client.post(
        "/start/client", data=form, content_type="multipart/form-data", follow_redirects=True
    ).text


# --- the path ---------------------------------------------------------------------------------


def test_set_up_is_the_owners(salon: Salon) -> None:
    salon.make_owner()
    for path in (
        "/start",
        "/start/site",
        "/start/calendars",
        "/start/project",
        "/start/client",
        "/start/microsoft",
        "/start/mail",
        "/start/agents",
        "/start/done",
    ):
        assert salon.visitor().get(path).location == "/sign-in"
        assert salon.agent().get(path).status_code == 403


def test_set_up_resumes_at_the_first_step_that_is_not_done(salon: Salon) -> None:
    owner = salon.owner()
    assert owner.get("/start").location == "/start/calendars"
    assert post(owner, "/start/calendars", {"provider": ["google"]}).location == "/start/project"
    assert owner.get("/start").location == "/start/project"
    post(owner, "/start/project")
    assert owner.get("/start").location == "/start/client"
    salon.upload()
    assert owner.get("/start").location == "/start/mail"
    post(owner, "/start/mail/skip", page="/start/mail")
    assert owner.get("/start").location == "/start/agents"
    salon.agent()
    post(owner, "/start/agents/links", {"agent": [DANA]}, page="/start/agents")
    assert owner.get("/start").location == "/start/done"


def test_every_step_can_be_looked_at_in_any_order_and_left(salon: Salon) -> None:
    owner = salon.owner()
    for step in Step:
        page = owner.get(f"/start/{step.value}").text
        assert 'aria-current="step"' in page
        assert "Go on later" in page


def test_dashboard_counts_until_all_is_done_or_the_owner_has_finished(salon: Salon) -> None:
    owner = salon.owner()
    assert "Set-up: 1 of 4 done, go on" in owner.get("/").text
    salon.upload()
    assert "Set-up: 4 of 6 done, go on" in owner.get("/").text
    post(owner, "/start/done")
    assert "Set-up:" not in owner.get("/").text


def test_client_that_is_gone_again_is_a_step_not_done(salon: Salon) -> None:
    """Done is what is there, not what was pressed."""
    salon.upload()
    assert Step.CLIENT in done(salon)
    with salon.services.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM clients")
    assert Step.CLIENT not in done(salon)


# --- booking site -----------------------------------------------------------------------------


def test_site_from_the_environment_is_checked_and_has_no_form(salon: Salon) -> None:
    page = salon.owner().get("/start/site").text
    assert "3 agents found" in page
    assert "bookings found, from yesterday to a year ahead" in page
    assert "Europe/Berlin" in page
    assert "Check again" in page
    assert 'name="password"' not in page


def test_site_that_went_away_is_a_step_not_done_and_said_with_its_remedy(siteless: Salon) -> None:
    assert Step.SITE not in done(siteless)
    page = siteless.owner().get("/start/site").text
    assert "wp-config.php" in page
    assert "needs you" not in page


def test_typed_connection_is_tried_kept_and_never_shown_again(
    siteless: Salon, mariadb_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_site_database(mariadb_database)
    create_site(engine, prefix="salon_")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE USER IF NOT EXISTS 'setup_reader'@'%%' IDENTIFIED BY 'hush@hush'")
        connection.exec_driver_sql(f"GRANT ALL ON `{engine.url.database}`.* TO 'setup_reader'@'%%'")
    owner = siteless.owner()
    form = form_for(engine.url, user="setup_reader", password="hush@hush")
    answer = post(owner, "/start/site", form)
    assert answer.location == "/start/site"
    page = owner.get("/start/site").text
    assert "1 agent found" in page
    assert Step.SITE in done(siteless)
    assert siteless.services.table_prefix() == "salon_"
    assert 'value="setup_reader"' in page
    for shown in (page, caplog.text, repr(siteless.services)):
        assert "hush" not in shown
    assert (siteless.services.config.home / FILE_NAME).stat().st_mode & 0o777 == 0o600

    # The empty password field means the known one, at this server and for this user only.
    assert post(owner, "/start/site", form | {"password": ""}).location == "/start/site"
    refused = post(owner, "/start/site", form | {"password": "", "user": "root2"})
    assert refused.status_code == 422
    assert make_url(siteless.services.site_database_url() or "").username == "setup_reader"
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP USER 'setup_reader'@'%%'")
    engine.dispose()


def test_wrong_password_is_said_and_nothing_is_kept(siteless: Salon, mariadb_database: str) -> None:
    owner = siteless.owner()
    form = form_for(make_url(mariadb_database), user="nobody", password="hush")
    answer = post(owner, "/start/site", form)
    assert answer.status_code == 422
    assert "The user name or the password is wrong" in answer.text
    assert "hush" not in answer.text
    assert 'value="nobody"' in answer.text
    assert not (siteless.services.config.home / FILE_NAME).exists()


def test_of_several_sites_in_one_database_the_owner_chooses(siteless: Salon, mariadb_database: str) -> None:
    engine = open_site_database(mariadb_database)
    create_site(engine)
    create_site(engine, prefix="wp_2_")
    owner = siteless.owner()
    asked = post(owner, "/start/site", form_for(engine.url))
    assert "more than one LatePoint" in asked.text
    assert re.findall(r'type="radio" name="prefix" value="([^"]+)"', asked.text) == ["wp_", "wp_2_"]
    assert post(owner, "/start/site", form_for(engine.url, prefix="wp_2_")).location == "/start/site"
    assert siteless.services.table_prefix() == "wp_2_"
    engine.dispose()


def test_missing_tables_are_made_at_a_press_and_nothing_else_is_asked_of_the_owner(
    siteless: Salon, mariadb_database: str
) -> None:
    engine = open_site_database(mariadb_database)
    create_site(engine)
    owner = siteless.owner()
    post(owner, "/start/site", form_for(engine.url))
    page = owner.get("/start/site").text
    assert "Two small tables are missing" in page
    assert "needs you" not in page
    post(owner, "/start/site/tables", page="/start/site")
    assert missing_bridge_tables(engine, "wp_") == []
    assert "Two small tables are missing" not in owner.get("/start/site").text
    engine.dispose()


def test_who_was_connected_without_the_tables_waits_no_longer_once_they_are_made(
    siteless: Salon, mariadb_database: str
) -> None:
    engine = open_site_database(mariadb_database)
    create_site(engine)
    owner = siteless.owner()
    post(owner, "/start/site", form_for(engine.url))
    siteless.upload()
    siteless.connect(ANNA)
    later = siteless.clock() + timedelta(minutes=5)
    with siteless.services.database.write() as connection:
        connection.execute(update(accounts).values(inbound_due_at=later))
    post(owner, "/start/site/tables", page="/start/site")
    with siteless.services.database.read() as connection:
        due = connection.scalars(select(accounts.c.inbound_due_at)).one()
    assert due is not None
    assert due <= siteless.clock()
    engine.dispose()


def test_user_who_may_not_make_tables_gets_the_lines_that_mend_it(
    siteless: Salon, mariadb: MariaDBServer, mariadb_database: str
) -> None:
    engine = open_site_database(mariadb_database)
    create_site(engine)
    name = f"reader_{secrets.token_hex(4)}"
    mariadb.execute(
        f"CREATE USER '{name}'@'%' IDENTIFIED BY 'hush'",
        *grant_statements("wp_", engine.url.database or "", name)[:-2],
    )
    owner = siteless.owner()
    post(owner, "/start/site", form_for(engine.url, user=name, password="hush"))
    post(owner, "/start/site/tables", page="/start/site")
    page = owner.get("/start/site").text
    assert "may not make tables" in page
    lines = re.search(r'id="table-lines"[^>]*>([^<]+)<', page)
    assert lines
    with engine.begin() as connection:
        for statement in html.unescape(lines[1]).split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("%", "%%"))
    assert missing_bridge_tables(siteless.services.site_engine, "wp_") == []
    mariadb.execute(f"DROP USER '{name}'@'%'")
    engine.dispose()


def test_prefix_that_is_the_only_one_is_chosen_already_and_the_password_is_asked_for_again(
    siteless: Salon, mariadb_database: str
) -> None:
    engine = open_site_database(mariadb_database)
    create_site(engine)
    asked = post(siteless.owner(), "/start/site", form_for(engine.url, prefix="xy_"))
    assert 'name="prefix" value="wp_" checked' in asked.text
    assert "only a password that works is kept" in asked.text
    engine.dispose()


def test_another_site_is_refused_while_calendars_are_connected(
    siteless: Salon, mariadb_database: str
) -> None:
    engine = open_site_database(mariadb_database)
    create_site(engine)
    other = create_site(engine, prefix="copy_")
    other.set_option("home", "https://other.example.test")
    owner = siteless.owner()
    post(owner, "/start/site", form_for(engine.url, prefix="wp_"))
    siteless.upload()
    siteless.connect(ANNA)
    refused = post(owner, "/start/site", form_for(engine.url, prefix="copy_"))
    assert refused.status_code == 422
    assert "Disconnect the agents first" in refused.text
    assert siteless.services.table_prefix() == "wp_"
    engine.dispose()


def test_form_is_refused_where_the_environment_names_the_site(salon: Salon) -> None:
    owner = salon.owner()
    form = {"host": "db", "database": "d", "user": "u", "password": "p"}
    answer = post(owner, "/start/site", form)
    assert answer.location == "/start/site"
    assert not (salon.services.config.home / FILE_NAME).exists()


# --- Google -----------------------------------------------------------------------------------


def test_project_page_has_every_line_to_paste(salon: Salon) -> None:
    page = salon.owner().get("/start/project").text
    for line in ("https://www.googleapis.com/auth/calendar", "dana@salon-linden.example"):
        assert line in page
    client_page = salon.owner().get("/start/client").text
    assert f"{ORIGIN}/oauth/google/callback" in client_page
    assert f'id="origin" aria-labelledby="origin-label">{ORIGIN}<' in client_page


def test_address_google_would_refuse_is_said_before_anybody_goes_there(
    tmp_path: Path, empty_state: Path
) -> None:
    with open_salon(
        tmp_path, "http://192.168.1.20:8080", state=empty_state, LATESYNC_GOOGLE_BASE_URL=""
    ) as salon:
        page = salon.owner().get("/start/project").text
    assert "only for localhost" in page
    assert "no bare IP address" in page


def test_publishing_status_said_before_the_upload_is_handed_to_the_client(salon: Salon) -> None:
    owner = salon.owner()
    for words in PUBLISHING.values():
        assert words.text in owner.get("/start/project").text
    post(owner, "/start/project/publishing", {"publishing_status": "production"}, page="/start/project")
    assert 'value="production" checked' in owner.get("/start/project").text
    assert "Agents can sign in now" in upload(owner, salon.client_json())
    client = read_current_client(salon.services, provider="google")
    assert client is not None
    assert client.publishing_status == Publishing.PRODUCTION
    assert read_early_publishing(salon.services.database, salon.services.site_id) is None


def test_publishing_status_that_was_chosen_and_not_saved_is_kept_on_going_on(salon: Salon) -> None:
    owner = salon.owner()
    page = owner.get("/start/project").text
    assert 'form="publishing-choice" formaction="/start/project"' in page
    post(owner, "/start/project", {"publishing_status": "production"})
    assert 'value="production" checked' in owner.get("/start/project").text
    assert Step.PROJECT in done(salon)


def test_publishing_status_said_after_the_upload_is_the_clients(salon: Salon) -> None:
    salon.upload()
    owner = salon.owner()
    post(owner, "/start/project/publishing", {"publishing_status": "testing"}, page="/start/project")
    client = read_current_client(salon.services, provider="google")
    assert client is not None
    assert client.publishing_status == Publishing.TESTING


def test_publishing_status_nobody_knows_is_refused(salon: Salon) -> None:
    owner = salon.owner()
    post(owner, "/start/project/publishing", {"publishing_status": "sold"}, page="/start/project")
    assert "Choose one" in owner.get("/start/project").text


def test_what_a_client_file_lacks_is_said_on_the_step(salon: Salon) -> None:
    page = upload(salon.owner(), {"installed": {}})
    assert "Desktop app" in page
    assert 'aria-current="step"' in page
    assert Step.CLIENT not in done(salon)


def test_file_far_too_large_leads_back_to_the_set_up(salon: Salon) -> None:
    owner = salon.owner()
    answer = owner.post("/start/client", data={"text": "x" * 2_000_000})
    assert answer.status_code == 413
    assert 'href="/start"' in answer.text


def test_once_somebody_is_signed_in_a_new_file_goes_through_the_page_that_shows_the_consequences(
    salon: Salon,
) -> None:
    salon.upload()
    salon.connect(DANA)
    owner = salon.owner()
    page = owner.get("/start/client").text
    assert 'href="/google"' in page
    assert 'name="file"' not in page
    assert post(owner, "/start/client").location == "/google"


def test_whoever_has_disconnected_is_not_signed_in_any_more(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    account = salon.account(DANA)
    assert account is not None
    record_disconnected(salon.services.database, account.id, NOW)
    page = salon.owner().get("/start/client").text
    assert "signed in already" not in page
    assert 'name="file"' in page


@pytest.mark.parametrize("path", ["/start/project", "/start/client", "/google"])
def test_steps_at_google_stand_one_heading_below_what_they_belong_to(salon: Salon, path: str) -> None:
    page = salon.owner().get(path).text
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    over, step = (int(re.search(rf"<h(\d)[^>]*>{title}<", page)[1]) for title in TITLES[path])  # type: ignore[index]
    assert step == over + 1


def test_addresses_and_scopes_are_pasted_line_by_line(salon: Salon) -> None:
    page = salon.owner().get("/start/project").text
    for field in ("test-users", "scopes"):
        lines = re.search(rf'id="{field}"[^>]*>([^<]+)<', page)
        assert lines
        assert len(lines[1].split("\n")) == 3
        assert "," not in lines[1]


def test_lines_to_paste_are_seen_without_opening_anything(salon: Salon) -> None:
    for path, field in (("/start/client", "redirect"), ("/google", "redirect"), ("/start/project", "scopes")):
        before = salon.owner().get(path).text.partition(f'id="{field}"')[0]
        assert before.count("<details") == before.count("</details>")


# --- agents -----------------------------------------------------------------------------------


def test_links_are_shown_once_for_who_was_ticked_and_open_their_pages(salon: Salon) -> None:
    salon.upload()
    owner = salon.owner()
    answer = post(owner, "/start/agents/links", {"agent": [BEN, DANA]}, page="/start/agents")
    links = re.findall(rf">{ORIGIN}(/connect/[^<]+)<", answer.text)
    assert len(links) == 2
    assert all(salon.visitor().get(link).status_code == 302 for link in links)
    assert "/connect/" not in owner.get("/start/agents").text
    assert Step.AGENTS in done(salon)


def test_links_given_out_earlier_go_on_working(salon: Salon) -> None:
    earlier = salon.personal_link(DANA)
    post(salon.owner(), "/start/agents/links", {"agent": [DANA]}, page="/start/agents")
    assert salon.visitor().get(earlier).status_code == 302


def test_nobody_ticked_is_said(salon: Salon) -> None:
    answer = post(salon.owner(), "/start/agents/links", page="/start/agents")
    assert "Tick at least one agent" in answer.text
    owner = salon.owner()
    assert post(owner, "/start/agents/invite", page="/start/agents").location == "/start/agents"
    assert "Tick at least one agent" in owner.get("/start/agents").text
    assert Step.AGENTS not in done(salon)


def test_links_are_mailed_where_mail_works(mailing_salon: Salon) -> None:
    mailing_salon.upload()
    owner = mailing_salon.owner()
    answer = post(owner, "/start/agents/invite", {"agent": [BEN, DANA]}, page="/start/agents")
    assert (answer.status_code, answer.location) == (302, "/start/agents")  # a reload mails nobody again
    assert "On its way to Ben Cho and Dana Reyes" in owner.get("/start/agents").text
    assert Step.AGENTS in done(mailing_salon)


def test_links_to_mail_while_the_site_is_away_are_refused_with_the_reason(mailing_salon: Salon) -> None:
    mailing_salon.upload()
    mailing_salon.connect(DANA)
    sign_out(mailing_salon)
    owner = mailing_salon.owner()
    shown = owner.get("/start/agents")
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)
    assert token
    with mailing_salon.services.site_engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE wp_latepoint_agents RENAME TO hidden")
    mailing_salon.services.site.doubt()
    form = {"csrf_token": token[1], "agent": [DANA]}
    assert owner.post("/start/agents/invite", data=form).location == "/start/agents"
    assert "booking site" in owner.get("/start/agents").text


def test_who_stopped_the_mails_is_said_to_have_perhaps(mailing_salon: Salon) -> None:
    services = mailing_salon.services
    stop_mail(services.database, services.site_id, agent_name(DANA), NOW)
    owner = mailing_salon.owner()
    post(owner, "/start/agents/invite", {"agent": [DANA]}, page="/start/agents")
    assert (
        "Dana Reyes: no e-mail address is known, or the mails were stopped" in owner.get("/start/agents").text
    )


def test_who_is_connected_and_the_first_booking_are_shown(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    account = salon.account(DANA)
    assert account is not None
    owner = salon.owner()
    page = owner.get("/start/agents").text
    assert "dana@example.com" in page
    assert "first booking" not in page
    row = {
        "site_id": salon.services.site_id, "booking_id": 4182, "agent_id": DANA, "account_id": account.id,
        "calendar_id": "c", "event_id": "e", "generation": 1, "state": "live", "content_hash": "",
        "echo_hash": "", "etag": "x", "has_agent_notes": False, "problem": "", "starts_at": NOW,
        "ends_at": NOW + timedelta(hours=1), "changed_at": NOW,
    }  # fmt: skip
    with salon.services.database.write() as connection:
        connection.execute(insert(mappings).values(**row))
    assert "number 4182, Fri 20 Nov, 14:05, in Dana Reyes’s" in owner.get("/start/agents").text


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/start/agents/invite", "/start/agents"),
        ("/start/agents/links", "/start/agents"),
        ("/start/mail/test", "/start/mail"),
        ("/start/mail/skip", "/start/mail"),
        ("/start/project/publishing", "/start/project#publishing"),
        ("/settings/letters/preview", "/settings/letters"),
        ("/settings/letters/standard", "/settings/letters"),
    ],
)
def test_address_of_a_button_leads_back_to_its_page(salon: Salon, address: str, page: str) -> None:
    assert salon.owner().get(address).location == page


def test_last_page_says_what_runs_and_what_is_still_open(salon: Salon) -> None:
    page = salon.owner().get("/start/done").text
    assert "Get the plugin" in page
    assert "Still open" in page
    assert "latesync worker" in page


def every_step_done(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    post(salon.owner(), "/start/mail/skip", page="/start/mail")
    post(salon.owner(), "/start/agents/links", {"agent": [DANA]}, page="/start/agents")
    assert done(salon) == set(Step) - {Step.MICROSOFT}


def test_last_page_names_the_plugin_as_what_comes_next(salon: Salon) -> None:
    every_step_done(salon)
    page = salon.owner().get("/start/done").text
    assert "What to do next is the plugin" in page
    assert "Everything is set up" not in page


def test_last_page_says_that_everything_is_set_up_once_the_plugin_is_there_too(salon: Salon) -> None:
    every_step_done(salon)
    send(salon, note_body(hello=HELLO))
    assert "Everything is set up." in salon.owner().get("/start/done").text


def test_last_page_names_missing_tables_and_agents_in_trouble(salon: Salon) -> None:
    every_step_done(salon)
    send(salon, note_body(hello=HELLO))
    with salon.services.site_engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE wp_latesync_busy")
    account = salon.account(DANA)
    assert account is not None
    record_needs_sign_in(salon.services.database, account.id, "sign_in_again", NOW)
    page = salon.owner().get("/start/done").text
    assert "Everything is set up" not in page
    assert "2 things still need you" in page
    assert "wp_latesync_busy" in page
    assert f'href="/agents/{DANA}"' in page
