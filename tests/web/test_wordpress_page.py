"""The owner's page for the plugin, and what dashboard, doctor and command say of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from latesync.bridge.connection import Connection, read_connection_string
from latesync.doctor import examine
from latesync.errors import BridgeRejected
from latesync.findings import Finding
from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.read_overview import read_overview
from tests.web.salon import DANA, Salon
from tests.web.signing import HELLO, note_body, send

NOTE = "install the LateSync plugin in WordPress"


def greet(salon: Salon, **changes: object) -> None:
    home = salon.services.site.facts().settings.home_url
    assert send(salon, note_body(hello={**HELLO, "home": home, **changes})).status_code == 200


def page(salon: Salon) -> str:
    return salon.owner().get("/wordpress").text


def finding(salon: Salon) -> Finding:
    create_bridge_tables(salon.services.site_engine, "wp_")
    (found,) = [found for found in examine(salon.services) if found.subject == "WordPress plugin"]
    return found


# --- the page ---------------------------------------------------------------------------------


def test_page_leads_through_three_steps_until_the_plugin_is_heard(salon: Salon) -> None:
    text = page(salon)
    assert "Three steps" in text
    assert "not heard from yet" in text
    assert 'href="/wordpress/latesync-bridge.zip"' in text
    assert 'href="/wordpress"' in salon.owner().get("/").text


def test_page_holds_the_connection_string_out_of_sight(salon: Salon) -> None:
    found = re.search(r'<details>.*?id="connection"[^>]*>(latesync:[\w-]+)<.*?</details>', page(salon), re.S)
    assert found
    services = salon.services
    expected = Connection("http://localhost:8080", services.site_id, services.bridge_secret)
    assert read_connection_string(found[1]) == expected


@pytest.mark.parametrize("path", ["/wordpress", "/wordpress/latesync-bridge.zip"])
def test_page_and_plugin_are_the_owners_alone(salon: Salon, path: str) -> None:
    assert salon.agent(DANA).get(path).status_code == 403
    assert salon.visitor().get(path).location == "/sign-in"


def test_download_is_the_plugin(salon: Salon) -> None:
    answer = salon.owner().get("/wordpress/latesync-bridge.zip")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="latesync-bridge.zip"'
    names = ZipFile(BytesIO(answer.data)).namelist()
    assert "latesync-bridge/latesync-bridge.php" in names
    assert all(name.startswith("latesync-bridge/") for name in names)


def test_page_shows_when_the_plugin_was_heard_and_what_it_is(salon: Salon) -> None:
    greet(salon)
    salon.clock.advance(timedelta(minutes=3))
    text = page(salon)
    assert "connected" in text
    for said in ("3 minutes ago", "0.2.0", "5.6.5", "6.1.9"):
        assert said in text


def test_silent_plugin_is_remarked_on(salon: Salon) -> None:
    greet(salon)
    salon.clock.advance(timedelta(days=1, minutes=1))
    assert "has not been heard from for more than a day" in page(salon)


def test_plugin_of_another_protocol_is_to_be_updated(salon: Salon) -> None:
    greet(salon, protocol=2, plugin="9.0")
    assert "(9.0) and this LateSync do not fit together" in page(salon)


def test_plugin_of_a_copied_site_is_told_from_the_real_one(salon: Salon) -> None:
    greet(salon, home="https://staging.salon.example")
    assert "The plugin speaks for https://staging.salon.example" in page(salon)


def test_scheme_and_capitals_make_no_other_site(salon: Salon) -> None:
    home = salon.services.site.facts().settings.home_url
    scheme, _, rest = home.partition("://")
    greet(salon, home=f"{'http' if scheme == 'https' else 'https'}://{rest.upper()}/")
    assert "speaks for" not in page(salon)


def test_page_works_while_the_site_is_away(salon: Salon) -> None:
    greet(salon)
    salon.services.config = replace(salon.services.config, site_database_url=None)
    del salon.services.__dict__["site_engine"]
    salon.services.__dict__.pop("site")
    assert "connected" in page(salon)


# --- the dashboard ----------------------------------------------------------------------------


def test_dashboard_recommends_the_plugin_once_somebody_is_connected(salon: Salon) -> None:
    salon.upload()
    assert NOTE not in salon.owner().get("/").text
    salon.connect()
    text = salon.owner().get("/").text
    assert NOTE in text
    assert "Nothing needs you" in text
    overview = read_overview(salon.services, salon.clock())
    assert len(overview.notes()) == 1
    assert not overview.needs_person


def test_dashboard_is_silent_once_the_plugin_was_heard(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    send(salon, note_body(looking_at=[DANA]))
    assert NOTE not in salon.owner().get("/").text


# --- doctor -----------------------------------------------------------------------------------


def test_doctor_notes_that_the_plugin_is_not_there_without_raising_alarm(salon: Salon) -> None:
    found = finding(salon)
    assert (found.verdict, "not active" in found.sentence) == ("note", True)
    assert "latesync plugin --zip" in found.remedy


def test_doctor_tells_an_active_plugin_that_was_never_connected(salon: Salon) -> None:
    listed = 'a:1:{i:0;s:35:"latesync-bridge/latesync-bridge.php";}'
    with salon.services.site_engine.connect() as connection:
        connection.exec_driver_sql("DELETE FROM wp_options WHERE option_name = 'active_plugins'")
        connection.exec_driver_sql(
            "INSERT INTO wp_options (option_name, option_value) VALUES ('active_plugins', ?)", (listed,)
        )
    found = finding(salon)
    assert (found.verdict, "never reached LateSync" in found.sentence) == ("note", True)
    assert "latesync plugin --connection" in found.remedy


def test_doctor_is_content_with_a_plugin_it_hears_from(salon: Salon) -> None:
    greet(salon)
    found = finding(salon)
    assert (found.verdict, found.sentence) == ("fine", "version 0.2.0, heard from just now")
    salon.clock.advance(timedelta(days=2))
    assert finding(salon).verdict == "note"


@pytest.mark.parametrize("changes", [{"protocol": 2}, {"home": "https://staging.salon.example"}])
def test_doctor_calls_a_person_where_the_plugin_does_not_belong(
    salon: Salon, changes: dict[str, object]
) -> None:
    greet(salon, **changes)
    assert finding(salon).needs_person


@pytest.mark.parametrize(
    "change",
    [
        lambda home: home,
        lambda home: home.upper().replace("HTTP", "http") + "/",
        lambda home: home.replace("http:", "https:"),
    ],
    ids=["the same", "capitals", "https"],
)
def test_the_plugin_of_the_site_we_read_is_asked_to_move_bookings(
    salon: Salon, change: Callable[[str], str]
) -> None:
    greet(salon, home=change(salon.services.site.facts().settings.home_url))
    assert salon.services.write_back.address().rest_url == HELLO["rest"]


@pytest.mark.parametrize("its_home", ["https://staging.salon.example", "https://salon.example/staging"])
def test_a_copy_of_the_site_is_asked_for_nothing(salon: Salon, its_home: str) -> None:
    """What an agent does to an event must not move a booking of production's copy, or the other way."""
    greet(salon, home=its_home)
    with pytest.raises(BridgeRejected, match="other_site"):
        salon.services.write_back.address()
