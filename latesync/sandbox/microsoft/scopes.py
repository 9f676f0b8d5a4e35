"""Permissions by name (microsoft-graph.md M6, M7)."""

from .identity_errors import Refused

_GRAPH = "https://graph.microsoft.com/"
OPEN_ID = frozenset({"openid", "profile", "email", "offline_access"})
_WORDS = {
    "User.Read": "Sign you in and read your profile",
    "Calendars.ReadBasic": "Read the times of your calendar events",
    "Calendars.Read": "Read your calendars",
    "Calendars.ReadWrite": "Have full access to your calendars",
    "Calendars.Read.Shared": "Read your and shared calendars",
    "Calendars.ReadWrite.Shared": "Read and write your and shared calendars",
    "MailboxSettings.Read": "Read your mailbox settings",
    "openid": "Sign you in",
    "profile": "View your basic profile",
    "email": "View your email address",
    "offline_access": "Maintain access to data you have given it access to",
}
_BY_CASE = {name.casefold(): name for name in _WORDS}


def read_scopes(text: str) -> list[str]:
    """Short names in the order given, each once. Raises Refused 70011 for one that does not exist."""
    found = []
    for asked in text.split():
        name = _BY_CASE.get(asked.removeprefix(_GRAPH).casefold())
        if name is None:
            raise Refused(
                70011,
                "invalid_scope",
                "The provided value for the input parameter 'scope' is not valid. "
                f"The scope {asked[:80]} does not exist.",
            )
        found.append(name)
    return list(dict.fromkeys(found))


def in_words(scope: str) -> str:
    return _WORDS[scope]


def echoed(scopes: list[str], *, in_full: bool, with_more: bool) -> str:
    """How an answer names them: without offline_access, perhaps with more than was asked for (C4)."""
    shown = [scope for scope in scopes if scope != "offline_access"]
    if with_more and "openid" in shown:
        shown += [scope for scope in ("profile", "email", "User.Read") if scope not in shown]
    if in_full:
        shown = [scope if scope in OPEN_ID else f"{_GRAPH}{scope}" for scope in shown]
    return " ".join(shown)
