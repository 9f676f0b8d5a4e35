"""A real WordPress for each test, with the stand-in for LatePoint (latepoint/) and our plugin.

wordpress        WordPress with LatePoint 5.6.5; our plugin is installed but not active
bridge           the same, our plugin activated through WordPress
latepoint_4      as `wordpress`, with LatePoint 4.9.91
every_latepoint  `wordpress` and `latepoint_4` in turn
network          two sites in one WordPress (multisite), LatePoint active on both: (first, second)
together         `bridge` and a running LateSync that know each other (together.py); Anna has signed in

Each has a database, a wp-content and a PHP web server of its own, gone after the test however it ends. After
the test PHP's log must hold nothing that stems from our plugin or the stand-in, unless `expect_in_log` was
told. What can be done with one: `WordPress` in site.py (database, PHP inside it, pages, what the form offers)
and its `.bookings` in actions.py (create, edit, cancel, delete: as a person does it, with LatePoint's hooks).
Which hooks fired: hooks.py. Days that lie ahead, days of clock changes: days.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.conftest import cannot_run
from tests.services.mariadb import MariaDBServer
from tests.services.php import check_extensions
from tests.services.server import NotInstalled
from tests.services.wordpress import NEWEST_LATEPOINT, find_wordpress
from tests.wordpress.site import WordPress, running_wordpress, second_site
from tests.wordpress.together import Together, joined


@pytest.fixture
def wordpress(mariadb: MariaDBServer, run_folder: Path) -> Iterator[WordPress]:
    with _running(mariadb, run_folder) as site:
        yield site


@pytest.fixture
def bridge(wordpress: WordPress) -> WordPress:
    wordpress.activate()
    return wordpress


@pytest.fixture
def together(bridge: WordPress, mariadb: MariaDBServer, tmp_path: Path) -> Iterator[Together]:
    with joined(bridge, mariadb, tmp_path) as both:
        yield both


@pytest.fixture
def latepoint_4(mariadb: MariaDBServer, run_folder: Path) -> Iterator[WordPress]:
    with _running(mariadb, run_folder, "4.9.91") as site:
        yield site


@pytest.fixture(params=["5.6.5", "4.9.91"])
def every_latepoint(
    request: pytest.FixtureRequest, mariadb: MariaDBServer, run_folder: Path
) -> Iterator[WordPress]:
    with _running(mariadb, run_folder, request.param) as site:
        yield site


@pytest.fixture
def network(mariadb: MariaDBServer, run_folder: Path) -> Iterator[tuple[WordPress, WordPress]]:
    with _running(mariadb, run_folder, is_network=True) as site:
        yield site, second_site(site)


def _running(
    mariadb: MariaDBServer, run_folder: Path, latepoint: str = NEWEST_LATEPOINT, is_network: bool = False
) -> AbstractContextManager[WordPress]:
    try:
        find_wordpress()
        check_extensions()
    except NotInstalled as absent:
        cannot_run(absent)
    return running_wordpress(mariadb, run_folder, latepoint, is_network)
