"""The owner's page for the plugin, and what dashboard, doctor and command say of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import update

from latesync import __version__
from latesync.bridge.connection import Connection, read_connection_string
from latesync.checks.doctor import examine
from latesync.checks.findings import Finding
from latesync.errors import BridgeRejected
from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.read_overview import read_overview
from latesync.store.schema import accounts
from tests.web.plugins import LISTED, UNLISTED, listed
from tests.web.salon import DANA, Salon
from tests.web.signing import HELLO, note_body, send

NOTE = "install the LateSync plugin in WordPress"
OFF = "switched off in WordPress"
CLAIM = "Busy time reaches the booking form through the LateSync plugin"


def release() -> str:
    """Of this LateSync: major.minor.patch."""
    found = re.match(r"\d+\.\d+\.\d+", __version__)
    assert found
    return found[0]


def greet(salon: Salon, **changes: object) -> None:
    home = salon.services.site.facts().settings.home_url
    assert send(salon, note_body(hello={**HELLO, "home": home, **changes})).status_code == 200


def running(salon: Salon, **changes: object) -> None:
    """The plugin is active and has greeted."""
    listed(salon, LISTED)
    greet(salon, **changes)


def in_trouble(salon: Salon, problem: str | None) -> None:
    with salon.services.database.write() as connection:
        connection.execute(update(accounts).values(problem=problem, problem_since=salon.clock()))


def findings(salon: Salon, subject: str) -> list[tuple[str, str]]:
    create_bridge_tables(salon.services.site_engine, "wp_")
    return [(found.verdict, found.sentence) for found in examine(salon.services) if found.subject == subject]


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
    greet(salon, plugin=__version__)
    salon.clock.advance(timedelta(minutes=3))
    text = page(salon)
    assert "connected" in text
    for said in ("3 minutes ago", __version__, "5.6.5", "6.1.9"):
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
    assert "connected" in page(salon)


def test_page_leads_to_the_settings_as_the_menu_in_wordpress_is(salon: Salon) -> None:
    assert "LatePoint → LateSync → Settings" in page(salon)


def test_plugin_that_wordpress_lists_no_more_is_switched_off_however_lately_it_spoke(salon: Salon) -> None:
    running(salon)
    assert ">connected<" in page(salon)
    listed(salon, UNLISTED)
    text = page(salon)
    assert ">connected<" not in text
    assert f">{OFF}<" in text
    assert "Activate it there under Plugins; if it is gone, install it again." in text


def test_a_list_that_cannot_be_read_changes_nothing(salon: Salon) -> None:
    running(salon)
    listed(salon, None)
    assert ">connected<" in page(salon)


def test_where_the_list_proves_nothing_the_plugin_counts_as_running(salon: Salon) -> None:
    """Active for a whole network, it is not in the site's own list, and greets all the same."""
    listed(salon, UNLISTED)
    greet(salon)
    assert ">connected<" in page(salon)
    running(salon)
    listed(salon, UNLISTED)
    assert f">{OFF}<" in page(salon)


def test_a_plugin_activated_a_moment_ago_is_not_taken_for_an_unlisted_one(salon: Salon) -> None:
    """What is remembered of the site may be older than the activation."""
    listed(salon, UNLISTED)
    assert salon.services.site.facts().settings.has_bridge_plugin is False
    with salon.services.site_engine.connect() as connection:
        connection.exec_driver_sql(
            "UPDATE wp_options SET option_value = ? WHERE option_name = 'active_plugins'", (LISTED,)
        )
    greet(salon)
    listed(salon, UNLISTED)
    assert f">{OFF}<" in page(salon)


@pytest.mark.parametrize(
    ("plugins", "said"), [(LISTED, "The plugin refuses LateSync"), (None, "The plugin is off or refuses")]
)
def test_page_and_doctor_say_that_the_plugin_refuses(salon: Salon, plugins: str | None, said: str) -> None:
    salon.upload()
    salon.connect()
    running(salon)
    listed(salon, plugins)
    in_trouble(salon, "plugin_rejected")
    text = page(salon)
    assert said in text
    assert ">connected<" not in text
    assert [(verdict, said in sentence) for verdict, sentence in findings(salon, "WordPress plugin")] == [
        ("wrong", True)
    ]
    in_trouble(salon, None)
    assert ">connected<" in page(salon)


def test_switched_off_is_told_from_refusing(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    running(salon)
    in_trouble(salon, "plugin_rejected")
    assert "refuses LateSync’s messages. Paste" in salon.owner().get("/").text
    listed(salon, UNLISTED)
    for path in ("/", f"/agents/{DANA}"):
        text = salon.owner().get(path).text
        assert "cannot reach the bookings: the LateSync plugin is switched off" in text
        assert "refuses" not in text
    assert "refuses" not in page(salon)


def test_plugin_that_did_not_answer_is_not_called_connected(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    running(salon)
    in_trouble(salon, "plugin_unavailable")
    assert ">does not answer<" in page(salon)
    assert [verdict for verdict, _ in findings(salon, "WordPress plugin")] == ["note"]


@pytest.mark.parametrize("its", ["0.1.0", "99.0.0"])
def test_plugin_of_another_version_is_to_be_downloaded_again_without_alarm(salon: Salon, its: str) -> None:
    running(salon, plugin=its)
    said = f"WordPress runs plugin {its}, this LateSync comes with {release()}: "
    text = page(salon)
    assert said in text
    assert re.search(r"latesync-bridge\.zip\">Download version", text)
    assert ">connected<" in text
    (found,) = findings(salon, "WordPress plugin")
    assert (found[0], said in found[1]) == ("note", True)


@pytest.mark.parametrize("its", [f"{__version__}", f"{__version__}-beta", "dev"])
def test_plugin_of_this_version_or_of_none_is_not_remarked_on(salon: Salon, its: str) -> None:
    running(salon, plugin=its)
    assert "WordPress runs plugin" not in page(salon)
    assert [verdict for verdict, _ in findings(salon, "WordPress plugin")] == ["fine"]


# --- the dashboard ----------------------------------------------------------------------------


def test_dashboard_recommends_the_plugin_once_somebody_is_connected(salon: Salon) -> None:
    salon.upload()
    assert NOTE not in salon.owner().get("/").text
    salon.connect()
    text = salon.owner().get("/").text
    assert NOTE in text
    assert "Nothing needs you at once" in text
    assert "All is well" not in text
    assert CLAIM not in text
    overview = read_overview(salon.services, salon.clock())
    assert len(overview.notes()) == 1
    assert not overview.needs_person


def test_dashboard_is_silent_once_the_plugin_was_heard(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    listed(salon, LISTED)
    send(salon, note_body(looking_at=[DANA]))
    text = salon.owner().get("/").text
    assert NOTE not in text
    assert "All is well" in text
    assert CLAIM in text


def test_dashboard_notes_a_plugin_that_was_switched_off(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    running(salon)
    listed(salon, UNLISTED)
    text = salon.owner().get("/").text
    assert f"does not show your agents’ busy time: the LateSync plugin is {OFF}" in text
    assert CLAIM not in text
    overview = read_overview(salon.services, salon.clock())
    assert (len(overview.notes()), overview.needs_person) == (1, False)


def test_dashboard_says_of_a_plugin_never_connected_what_doctor_says(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    listed(salon, LISTED)
    text = salon.owner().get("/").text
    assert "has never reached LateSync" in text
    assert CLAIM in text
    assert [verdict for verdict, _ in findings(salon, "booking form")] == ["fine"]


def test_missing_tables_call_for_the_plugin_and_not_for_sql_first(salon: Salon) -> None:
    salon.upload()
    running(salon)
    with salon.services.site_engine.connect() as connection:
        for table in ("busy", "accounts"):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS wp_latesync_{table}")
    (remedy,) = [
        remedy.text
        for remedy in read_overview(salon.services, salon.clock()).remedies()
        if "wp_latesync_busy" in remedy.text
    ]
    assert 0 < remedy.index("Install the LateSync plugin (") < remedy.index("--print-sql")
    (found,) = [f for f in examine(salon.services) if f.subject == "busy times" and "_busy" in f.sentence]
    assert found.remedy.startswith("Install the WordPress plugin")


# --- doctor -----------------------------------------------------------------------------------


def test_doctor_notes_that_the_plugin_is_not_there_without_raising_alarm(salon: Salon) -> None:
    found = finding(salon)
    assert (found.verdict, "not active" in found.sentence) == ("note", True)
    assert "latesync plugin --zip" in found.remedy


def test_doctor_tells_an_active_plugin_that_was_never_connected(salon: Salon) -> None:
    listed(salon, LISTED)
    found = finding(salon)
    assert (found.verdict, "never reached LateSync" in found.sentence) == ("note", True)
    assert "latesync plugin --connection" in found.remedy


def test_doctor_is_content_with_a_plugin_it_hears_from(salon: Salon) -> None:
    greet(salon, plugin=__version__)
    found = finding(salon)
    assert (found.verdict, found.sentence) == ("fine", f"version {__version__}, heard from just now")
    salon.clock.advance(timedelta(days=2))
    assert finding(salon).verdict == "note"


def test_doctor_notes_that_the_plugin_was_switched_off_for_itself_and_for_the_form(salon: Salon) -> None:
    running(salon)
    assert [verdict for verdict, _ in findings(salon, "booking form")] == ["fine"]
    listed(salon, UNLISTED)
    (plugin,), (form,) = findings(salon, "WordPress plugin"), findings(salon, "booking form")
    assert (plugin[0], f"it is {OFF}" in plugin[1]) == ("note", True)
    assert (form[0], form[1]) == (
        "note",
        f"busy time is not shown on the booking form: the LateSync plugin is {OFF}",
    )


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
