"""A restore whose rows could not be written leaves what was here in use."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from latesync.archive import Cost
from latesync.backup import check_backup, restore_backup, write_backup
from tests.property.machine.fuse import Crash, Fuse, FusedDatabase
from tests.web.salon import Salon

PASSPHRASE = "correct horse battery"
CHEAP = Cost(n=2, r=1, p=1)


def test_links_and_the_plugin_go_on_after_a_restore_that_broke_off(salon: Salon, tmp_path: Path) -> None:
    services, content, file = salon.services, BytesIO(), tmp_path / "house.backup"
    elsewhere = replace(services, secret_key="theirs", bridge_secret="theirs")
    write_backup(elsewhere, content, PASSPHRASE, [], cost=CHEAP)
    file.write_bytes(content.getvalue())
    own = {name: services.config.home / name for name in ("secret_key", "bridge_secret")}
    for path in own.values():
        path.write_text("ours\n")
    fuse = Fuse()
    dying = replace(services, database=FusedDatabase(services.database, fuse))
    fuse.light("store write", 0, fuse.crash, is_before=True)

    with pytest.raises(Crash):
        restore_backup(dying, file, PASSPHRASE, check_backup(file, PASSPHRASE))

    assert {path.read_text() for path in own.values()} == {"ours\n"}
    restore_backup(services, file, PASSPHRASE, check_backup(file, PASSPHRASE))
    assert {path.read_text() for path in own.values()} == {"theirs\n"}
