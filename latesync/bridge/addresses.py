"""Where the plugin's own routes may be found. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

NAMESPACE = "/latesync/v1"
# What is signed, however a message travels: free of sub-directories and of ?rest_route=.
CANONICAL = f"/wp-json{NAMESPACE}"
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def places_of(rest_url: str | None, home_url: str | None) -> list[str]:
    """Where to look for the routes, the likeliest first.

    rest_url: what the plugin said (`rest_url('latesync/v1')`). home_url: the site's address, without a
    slash at the end. The last place works on every WordPress, also where permalinks are plain.
    """
    found = []
    if _is_web_address(rest_url):
        found.append(str(rest_url))
    if _is_web_address(home_url):
        found += [f"{home_url}{CANONICAL}", f"{home_url}/?rest_route={NAMESPACE}"]
    return list(dict.fromkeys(found))


def route_at(place: str, route: str) -> str:
    """The address of a route ("/bookings/7/cancel") below a place; other parts of a query stay."""
    parts = urlsplit(place)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if any(name == "rest_route" for name, _ in query):
        extended = list(_extended(query, route))
        return urlunsplit(parts._replace(query=urlencode(extended, safe="/"), fragment=""))
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + route, fragment=""))


def is_same_site(home_url: str, other: str) -> bool:
    """Whether two addresses are one site's: scheme, capitals and a www. may differ.

    On one's own machine the port may, too: it is chosen anew at every start there.
    """
    first, second = _split(home_url), _split(other)
    return first is not None and second is not None and _place(first) == _place(second)


def redirected(asked: str, location: str) -> str | None:
    """Where an answer sends us, if it is the same host and no less safe; None: we do not follow."""
    before, after = urlsplit(asked), _split(location)
    if after is None or after.scheme not in ("https", before.scheme):
        return None
    is_upgrade = after.scheme != before.scheme and after.netloc == before.hostname
    if after.netloc != before.netloc and not (is_upgrade and before.netloc == before.hostname):
        return None
    return urlunsplit(after._replace(fragment=""))


def _extended(query: list[tuple[str, str]], route: str) -> Iterator[tuple[str, str]]:
    for name, value in query:
        yield name, value.rstrip("/") + route if name == "rest_route" else value


def _is_web_address(address: str | None) -> bool:
    parts = _split(address or "")
    return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)


def _place(parts: SplitResult) -> str:
    host = parts.netloc.casefold().removeprefix("www.")
    if parts.hostname in _OWN_MACHINE:
        host = parts.hostname
    return f"{host}{parts.path.rstrip('/')}"


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None
