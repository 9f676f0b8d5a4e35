"""The WordPress plugin as the zip file that WordPress installs.

python -m latesync.bridge.package OUT      OUT: a file, or a folder for latesync-bridge-<version>.zip

The same sources give the same bytes on every machine: sorted names, one date, and stored instead of
compressed, because zlib's builds differ in what they produce; the plugin is small.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from pathlib import Path

SLUG = "latesync-bridge"  # the plugin's folder in WordPress and its text domain

# What belongs in, below the plugin's folder. Anything else there (an editor's backup, a test) stays out.
PARTS = (
    f"{SLUG}.php",
    "uninstall.php",
    "index.php",
    "*/index.php",
    "readme.txt",
    "LICENSE",
    "includes/**/*.php",
    "assets/**/*.css",
    "assets/**/*.js",
    "assets/**/*.svg",
    "assets/**/*.png",
    "languages/*.pot",
    "languages/*.po",
    "languages/*.mo",
)

_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can carry
_MODE = 0o100644


class PluginMissing(FileNotFoundError):
    """The plugin's sources are not beside this program."""


def plugin_folder() -> Path:
    """Where the plugin's sources are: beside this package, in a checkout as among installed packages.

    Raises PluginMissing.
    """
    folder = Path(__file__).resolve().parents[2] / "wp_bridge" / SLUG
    if not (folder / f"{SLUG}.php").is_file():
        raise PluginMissing(f"The WordPress plugin ({SLUG}) is not part of this installation of LateSync.")
    return folder


def read_version(folder: Path) -> str:
    """The version in the plugin's header, which is the one WordPress shows.

    Raises ValueError when the header has none.
    """
    header = (folder / f"{SLUG}.php").read_text(encoding="utf-8")
    found = re.search(r"^[ \t/*#@]*Version:[ \t]*(\S+)[ \t]*$", header, re.MULTILINE)
    if not found:
        raise ValueError(f"{SLUG}.php has no line 'Version:' in its header")
    return found[1]


def list_files(folder: Path) -> list[Path]:
    """The files that belong into the zip, relative to the folder, sorted."""
    found = {path for pattern in PARTS for path in folder.glob(pattern) if path.is_file()}
    return sorted(path.relative_to(folder) for path in found)


def list_left_out(folder: Path) -> list[Path]:
    """Files in the folder that do not belong into the zip, relative to it, sorted."""
    every = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return sorted(every - set(list_files(folder)))


def zip_name(folder: Path) -> str:
    return f"{SLUG}-{read_version(folder)}.zip"


def build_zip(folder: Path) -> bytes:
    """The zip file, every entry below the folder that WordPress unpacks it to."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for path in list_files(folder):
            entry = zipfile.ZipInfo(f"{SLUG}/{path.as_posix()}", _DATE)
            entry.create_system = 3  # Unix; else it would be this machine's
            entry.external_attr = _MODE << 16
            archive.writestr(entry, (folder / path).read_bytes())
    return content.getvalue()


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m latesync.bridge.package OUT\n")
        return 2
    try:
        folder = plugin_folder()
        out = Path(arguments[0])
        if out.is_dir():
            out = out / zip_name(folder)
        out.write_bytes(build_zip(folder))
    except (OSError, ValueError) as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    sys.stdout.write(f"{out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
