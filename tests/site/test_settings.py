"""The site's zone, statuses, address, add-ons and agents."""

from __future__ import annotations

import pytest

from latesync.errors import SchemaNotUnderstood
from latesync.latepoint.schema import read_schema
from latesync.latepoint.settings import SiteSettings, read_agents, read_site_settings
from latesync.model import Agent
from latesync.times import Zone
from tests.site.builders import Site, create_site


def settings_of(site: Site) -> SiteSettings:
    return read_site_settings(site.engine, read_schema(site.engine, site.prefix))


def agents_of(site: Site) -> list[Agent]:
    return read_agents(site.engine, read_schema(site.engine, site.prefix))


def test_a_fresh_site_has_its_zone_address_and_the_seeded_status(every_version: Site) -> None:
    settings = settings_of(every_version)
    assert settings.zone == Zone("Europe/Berlin")
    assert settings.home_url == "https://spa.example.test"
    assert settings.blocking_statuses == {"approved"}
    assert settings.official_addons == ()
    assert settings.latepoint_db_version[0] in "12"


@pytest.mark.parametrize(("gmt_offset", "minutes"), [("5.5", 330), ("-3.5", -210), ("-0.5", -30), ("0", 0)])
def test_without_a_zone_name_the_offset_counts(site: Site, gmt_offset: str, minutes: int) -> None:
    site.set_option("timezone_string", "")
    site.set_option("gmt_offset", gmt_offset)
    assert settings_of(site).zone == Zone(None, minutes)


@pytest.mark.parametrize(
    ("option", "value"), [("timezone_string", "Mars/Olympus"), ("gmt_offset", "half"), ("gmt_offset", "99")]
)
def test_a_zone_nobody_knows_is_named_not_guessed(site: Site, option: str, value: str) -> None:
    site.set_option("timezone_string", "")
    site.set_option(option, value)
    with pytest.raises(SchemaNotUnderstood) as caught:
        settings_of(site)
    assert caught.value.missing == [f"wp_options.{option}"]


def test_own_statuses_block_as_the_owner_listed_them(site: Site) -> None:
    site.execute(f"DELETE FROM {site.name('settings')}")
    site.insert_setting("timeslot_blocking_statuses", " approved, pending,,checked_in ")
    assert settings_of(site).blocking_statuses == {"approved", "pending", "checked_in"}


@pytest.mark.parametrize("value", [None, "", " , ,", "missing row"])
def test_an_empty_list_of_statuses_does_not_empty_every_calendar(site: Site, value: str | None) -> None:
    site.execute(f"DELETE FROM {site.name('settings')}")
    if value != "missing row":
        site.insert_setting("timeslot_blocking_statuses", value)
    assert settings_of(site).blocking_statuses == {"approved"}


def test_of_duplicate_settings_the_first_by_id_holds(site: Site) -> None:
    site.insert_setting("timeslot_blocking_statuses", "pending")
    site.insert_setting("timeslot_blocking_statuses", "no_show")
    assert settings_of(site).blocking_statuses == {"approved"}


def test_the_address_falls_back_on_wordpress_own_and_loses_its_slash(site: Site) -> None:
    site.set_option("home", "")
    site.set_option("siteurl", "https://spa.example.test/wp/")
    assert settings_of(site).home_url == "https://spa.example.test/wp"


def test_an_official_addon_that_is_switched_on_is_seen(site: Site) -> None:
    site.insert_setting("enable_google_calendar", "on")
    assert settings_of(site).official_addons == ("google",)


def test_a_calendar_chosen_in_an_official_addon_is_seen_without_its_switch(site: Site) -> None:
    site.insert_agent_meta(1, "outlook_cal_selected_calendar_id_for_push", "AAMk")
    site.insert_agent_meta(1, "google_cal_selected_calendar_id_for_push", "")
    assert settings_of(site).official_addons == ("outlook",)


def test_an_official_addon_that_is_switched_off_is_no_rival(site: Site) -> None:
    site.insert_setting("enable_google_calendar", "off")
    site.insert_agent_meta(1, "google_cal_selected_calendar_id_for_push", "primary")
    assert settings_of(site).official_addons == ()


def test_agents_come_with_full_name_address_and_whether_they_work(site: Site) -> None:
    site.insert_agent("  Ann ", "O'Neil ", email=" ann@example.test ")
    site.insert_agent("Ben", None, status="disabled", email="")
    site.insert_agent("", None, display_name="The barber")
    site.insert_agent("", "")
    assert agents_of(site)[1:] == [
        Agent(2, "Ann O'Neil", "ann@example.test", is_active=True),
        Agent(3, "Ben", None, is_active=False),
        Agent(4, "The barber", "dana@example.test", is_active=True),
        Agent(5, "Agent 5", "dana@example.test", is_active=True),
    ]


# --- plugins that are active in WordPress -------------------------------------------------------

PRO, BRIDGE = "latepoint-pro-features", "latesync-bridge"


def active_plugins(*folders: str) -> str:
    """As PHP's serialize() writes WordPress' list."""
    paths = [f"{folder}/{folder}.php" for folder in ("latepoint", *folders)]
    entries = "".join(f'i:{number};s:{len(path)}:"{path}";' for number, path in enumerate(paths))
    return f"a:{len(paths)}:{{{entries}}}"


@pytest.mark.parametrize(
    ("plugins", "addons", "expected"),
    [
        (active_plugins(PRO), None, True),
        (active_plugins(PRO), '["latepoint-google-calendar"]', True),
        (active_plugins(), '["latepoint-google-calendar"]', False),
        (active_plugins("my-latepoint-pro-features"), None, False),
        (active_plugins(), None, False),
        # LatePoint's own list is not always up to date, and so proves nothing against WordPress'.
        (active_plugins(), '["latepoint-google-calendar","latepoint-pro-features"]', None),
        (None, '["latepoint-pro-features"]', True),
        (None, "[]", None),
        ("", None, None),
    ],
)
def test_pro_features_is_seen_in_wordpress_list_and_doubted_where_lists_differ(
    site: Site, plugins: str | None, addons: str | None, expected: bool | None
) -> None:
    if plugins is not None:
        site.set_option("active_plugins", plugins)
    if addons is not None:
        site.insert_setting("active_addons", addons)
    assert settings_of(site).has_pro_features is expected


def test_the_bridge_is_seen_in_wordpress_list(site: Site) -> None:
    assert settings_of(site).has_bridge_plugin is None
    site.set_option("active_plugins", active_plugins())
    assert settings_of(site).has_bridge_plugin is False
    site.set_option("active_plugins", active_plugins(PRO, BRIDGE))
    assert settings_of(site).has_bridge_plugin is True


def test_on_a_blog_of_a_network_absence_proves_nothing(mariadb_site: Site) -> None:
    blog = create_site(mariadb_site.engine, prefix="wp_2_")
    blog.set_option("active_plugins", active_plugins())
    assert (settings_of(blog).has_bridge_plugin, settings_of(blog).has_pro_features) == (None, None)
    blog.set_option("active_plugins", active_plugins(PRO, BRIDGE))
    assert (settings_of(blog).has_bridge_plugin, settings_of(blog).has_pro_features) == (True, True)


def test_the_sites_name_and_language_are_read_as_its_visitors_see_them(site: Site) -> None:
    site.set_option("blogname", "Cut &amp; Colour &#8211; Anna&#039;s")
    site.set_option("WPLANG", "de_DE_formal")
    settings = settings_of(site)
    assert (settings.site_name, settings.language) == ("Cut & Colour – Anna's", "de_DE_formal")


def test_a_site_without_a_name_or_language_option_has_none(site: Site) -> None:
    settings = settings_of(site)
    assert (settings.site_name, settings.language) == ("", "")
