"""The worker's mail thread: mails go out by themselves, and a deaf mail server holds up nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread

from latesync.errors import SiteUnavailable
from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.store.accounts import record_needs_sign_in
from latesync.store.outbox import DIGEST, put_mail
from latesync.store.people import list_admins
from latesync.sync.identity import look_at_home
from latesync.worker import Worker
from tests.mail.office import BEN, DANA, Office, open_office
from tests.mail.postbox import Postbox
from tests.mail.smtp_servers import deaf_port
from tests.system.waiting import eventually


@contextmanager
def working(office: Office) -> Iterator[Worker]:
    """Stopped at the end, also after a failure; leaves only when the worker has come to its end."""
    create_bridge_tables(office.services.site_engine, "wp_")
    worker = Worker(office.services)
    thread = Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join()


def test_the_worker_mails_what_is_due(office: Office) -> None:
    office.remember_consent()
    account_id = office.account().id
    record_needs_sign_in(office.services.database, account_id, "sign_in_again", office.now)
    with working(office):
        eventually(lambda: office.postbox.mails, "the mail arrived")
    assert [mail.recipient for mail in office.postbox.mails] == ["dana@salon-linden.example"]


def test_at_a_copied_site_only_the_owner_is_written_to(office: Office) -> None:
    """odoo-calendar-sync.md PR 127729: a copy mails nobody's agents."""
    services = office.services
    look_at_home(services.sync_parts())
    office.remember_consent()
    account_id = office.account().id
    record_needs_sign_in(services.database, account_id, "sign_in_again", office.now)
    with services.site_engine.connect() as connection:
        connection.exec_driver_sql(
            "UPDATE wp_options SET option_value = 'https://copy' WHERE option_name = 'home'"
        )
    office.salon.make_owner()
    (admin,) = list_admins(services.database)
    db, site_id, now = services.database, services.site_id, office.now
    put_mail(db, site_id, "to-dana", DIGEST, agent_id=DANA, now=now, due_at=now)
    put_mail(db, site_id, "to-owner", DIGEST, admin_id=admin.id, now=now, due_at=now)
    with working(office):
        eventually(lambda: services.follow_site() == "other_home", "it stopped")
        eventually(lambda: any(mail.ended_at for mail in office.mails()), "the owner's mail is done with")
    assert {mail.admin_id for mail in office.mails() if mail.ended_at} == {admin.id}
    assert [mail.agent_id for mail in office.mails() if not mail.ended_at] == [DANA]


def test_a_deaf_mail_server_holds_up_neither_bookings_nor_the_end(
    tmp_path: Path, empty_state: Path, postbox: Postbox
) -> None:
    with (
        deaf_port() as deaf,
        open_office(tmp_path, empty_state, postbox, smtp_url=deaf.url("none")) as office,
    ):
        office.remember_consent(DANA)
        account_id = office.account(DANA).id
        record_needs_sign_in(office.services.database, account_id, "sign_in_again", office.now)
        office.salon.connect(BEN, "ben@example.com")
        with working(office):
            eventually(lambda: any(row.lease_owner for row in office.mails()), "the mail is being sent")
            eventually(lambda: office.salon.google.events("ben@example.com"), "bookings were written")
        assert office.ends() == [("ended", None)]


def test_a_clock_that_was_set_back_keeps_no_calendar_from_being_read(office: Office) -> None:
    office.salon.upload()
    office.salon.connect(DANA, "dana@example.com")
    with working(office):
        eventually(lambda: office.account().inbound_good_at, "the calendar was read")
        office.salon.clock.advance(-timedelta(hours=1))
        set_back = office.now
        eventually(lambda: office.account().inbound_good_at == set_back, "it was read again")


def test_a_run_asks_a_site_that_just_failed_for_itself(office: Office) -> None:
    """A run has a pause of its own; a page's memory of the failure would make it longer."""
    office.services.site.note_failure(SiteUnavailable("the connection was lost"))
    worker = Worker(office.services)
    assert worker.parts.site.facts().settings.zone
    worker.crew.stop()
