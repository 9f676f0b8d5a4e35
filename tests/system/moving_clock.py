"""The machine's clock as whole processes see it, moved by the test (libfaketime, Debian's `faketime`)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.services.server import NotInstalled

_FOLDERS = (Path("/usr/lib"), Path("/usr/local/lib"))


def find_faketime() -> Path:
    """Raises NotInstalled."""
    for folder in _FOLDERS:
        for found in sorted(folder.glob("**/faketime/libfaketimeMT.so.1")):
            return found
    raise NotInstalled("needs libfaketime: apt-get install faketime")


class MovingClock:
    """Real time plus what it was moved by, which all processes see in the same instant.

    Their monotonic clocks jump as well: libfaketime that leaves those alone breaks Python's `sleep`.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._ahead = timedelta()
        self._write()
        self.environment = {
            "LD_PRELOAD": str(find_faketime()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
        }

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def set_back(self, by: timedelta) -> None:
        """As a machine whose clock was wrong."""
        self._ahead -= by
        self._write()

    def move_to(self, moment: datetime) -> None:
        """Forward only, as clocks go."""
        assert moment >= self.now()
        self._ahead += moment - self.now()
        self._write()

    def _write(self) -> None:
        draft = self._file.with_suffix(".new")
        draft.write_text(f"+{self._ahead.total_seconds():.0f}\n")
        draft.replace(self._file)
