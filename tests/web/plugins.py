"""What WordPress says of its plugins, for pages that ask."""

from __future__ import annotations

from tests.web.salon import Salon

LISTED = 'a:1:{i:0;s:35:"latesync-bridge/latesync-bridge.php";}'
UNLISTED = 'a:1:{i:0;s:23:"latepoint/latepoint.php";}'


def listed(salon: Salon, plugins: str | None) -> None:
    """What WordPress lists as active from now on; None: nothing that can be read."""
    with salon.services.site_engine.connect() as connection:
        connection.exec_driver_sql("DELETE FROM wp_options WHERE option_name = 'active_plugins'")
        if plugins is not None:
            connection.exec_driver_sql(
                "INSERT INTO wp_options (option_name, option_value) VALUES ('active_plugins', ?)", (plugins,)
            )
    salon.services.site.doubt()
