"""Google's rules for the address it returns people to (google-calendar.md R1-R6). Pure."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

CALLBACK_PATH = "/oauth/google/callback"  # design.md §8

# Endings no public-suffix list has (R3); a name without any dot has none either.
_PRIVATE_ENDINGS = frozenset(
    {
        "corp", "example", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain",
        "localhost", "onion", "private", "test",
    }
)  # fmt: skip
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SHARED_ENDINGS = ("googleusercontent.com",)


def callback_for(base_url: str) -> str:
    return base_url.rstrip("/") + CALLBACK_PATH


def check_callback(base_url: str) -> list[str]:
    """Why Google would not let anybody register this address, each with its remedy; empty when it would."""
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return [
            f"{base_url!r} is not an address. Set LATESYNC_BASE_URL to something like https://sync.example.com."
        ]
    if parts.scheme not in ("http", "https") or not host:
        return [
            "LATESYNC_BASE_URL must start with https:// and name a host, such as https://sync.example.com."
        ]
    return [*_host_problems(parts.scheme, host), *_shape_problems(parts, base_url)]


def differing_part(registered: str, callback: str) -> str | None:
    """The one part in which a registered address differs from ours; None when it is another address."""
    try:
        theirs, ours = _parts(registered), _parts(callback)
    except ValueError:
        return None
    differing = [name for name in ours if theirs[name] != ours[name]]
    return differing[0] if len(differing) == 1 else None


def _parts(uri: str) -> dict[str, object]:
    split = urlsplit(uri)
    return {
        "scheme (http or https)": split.scheme,
        "host": split.hostname,
        "port": split.port,
        "path": split.path.rstrip("/"),
        "closing slash": split.path.endswith("/"),
        "capital letters or blanks": uri == uri.strip() and split.netloc == split.netloc.lower(),
        "query": (split.query, split.fragment),
    }


def _host_problems(scheme: str, host: str) -> list[str]:
    if _is_this_machine(host):
        return []
    problems = []
    if scheme != "https":  # R1
        problems.append(
            "Google accepts http:// only for localhost. Put LateSync behind https and set LATESYNC_BASE_URL "
            "to that address; a reverse proxy with a free certificate is enough."
        )
    if _is_ip(host):  # R2
        problems.append(
            "Google accepts no bare IP address. Give LateSync a name under a domain of yours and set "
            "LATESYNC_BASE_URL to it; the name may point to a private address."
        )
    elif _has_private_ending(host):  # R3
        problems.append(
            f"Google accepts only public domain names, and {host} is none. Use a name under a domain of "
            "yours; it may point to a private address, since only the agents' browsers must reach it."
        )
    return problems


def _shape_problems(parts: SplitResult, base_url: str) -> list[str]:
    problems = []
    if "@" in parts.netloc:
        problems.append("LATESYNC_BASE_URL holds a user name. Google refuses that: leave it out.")
    if any(sign in base_url for sign in "?#*\\") or ".." in unquote(parts.path):  # R4
        problems.append(
            "LATESYNC_BASE_URL may hold neither ?, #, *, \\ nor .. in it. Use the plain address, "
            "with a path if need be."
        )
    if _BAD_ESCAPE.search(base_url):  # R4
        problems.append(
            "LATESYNC_BASE_URL holds a % that begins no escaped character. Google refuses that: leave it out."
        )
    if base_url != base_url.strip() or not base_url.isascii() or not base_url.isprintable():
        problems.append(
            "LATESYNC_BASE_URL holds blanks or characters outside ASCII. Write the name in its xn-- form."
        )
    return problems


def _is_this_machine(host: str) -> bool:
    return host == "localhost" or (_is_ip(host) and ip_address(host).is_loopback)


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _has_private_ending(host: str) -> bool:
    name = host.rstrip(".").lower()
    return "." not in name or name.rsplit(".", 1)[1] in _PRIVATE_ENDINGS or name.endswith(_SHARED_ENDINGS)
