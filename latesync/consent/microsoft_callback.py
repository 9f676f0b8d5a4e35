"""Microsoft's rules for the address it returns people to (microsoft-graph.md U1-U5). Pure."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from latesync.options import AccountType

LONGEST = 256  # characters (U2)
_FORBIDDEN = "!$'(),;"  # U2
_LETS_IN_PERSONAL = frozenset({AccountType.ANY_AND_PERSONAL, AccountType.PERSONAL})


def check_microsoft_callback(callback: str, account_type: AccountType | None = None) -> list[str]:
    """Why nobody could register this address at Microsoft, each with its remedy; empty where one can.

    account_type: None while it is not chosen; then the rules for every kind count.
    """
    try:
        parts = urlsplit(callback)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), ""
    if parts.scheme not in ("http", "https") or not host:
        return [
            f"{callback!r} is not an address. Set LATESYNC_BASE_URL to something like https://sync.example.com."
        ]
    return [*_host_problems(parts.scheme, host), *_shape_problems(callback, parts, account_type)]


def _host_problems(scheme: str, host: str) -> list[str]:
    """U1."""
    if scheme == "https" and not _is_loopback_v6(host):
        return []
    if host == "localhost":
        return []
    if _is_loopback_v6(host):
        return [
            "Microsoft does not return to [::1]. Set LATESYNC_BASE_URL to the same address with localhost in "
            "its place."
        ]
    if _is_loopback(host):
        return [
            f"Microsoft’s page does not take http://{host}. Set LATESYNC_BASE_URL to the same address with "
            "localhost in its place."
        ]
    return [
        "Microsoft accepts http:// only for localhost. Put LateSync behind https and set LATESYNC_BASE_URL "
        "to that address; a reverse proxy with a free certificate is enough."
    ]


def _shape_problems(callback: str, parts: SplitResult, account_type: AccountType | None) -> list[str]:
    problems = []
    if len(callback) > LONGEST:  # U2
        problems.append(
            f"The redirect URI has {len(callback)} characters, and Microsoft takes {LONGEST}. Give LateSync "
            "a shorter address, and set LATESYNC_BASE_URL to it."
        )
    found = [sign for sign in _FORBIDDEN if sign in callback]
    if found:  # U2
        problems.append(
            f"LATESYNC_BASE_URL holds {' '.join(found)}, which Microsoft does not take in an address. Use "
            "one without it."
        )
    if "*" in callback or parts.fragment:  # U5
        problems.append("LATESYNC_BASE_URL may hold neither * nor #. Use the plain address.")
    if parts.query and (account_type is None or account_type in _LETS_IN_PERSONAL):  # U5
        problems.append(
            "LATESYNC_BASE_URL holds a ?, which Microsoft does not take where personal accounts may sign in. "
            "Use the plain address, with a path if need be."
        )
    if "@" in parts.netloc:
        problems.append("LATESYNC_BASE_URL holds a user name. Leave it out.")
    if callback != callback.strip() or not callback.isascii() or not callback.isprintable():
        problems.append(
            "LATESYNC_BASE_URL holds blanks or characters outside ASCII. Write the name in its xn-- form."
        )
    return problems


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_loopback_v6(host: str) -> bool:
    return _is_loopback(host) and ":" in host
