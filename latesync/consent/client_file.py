"""The JSON an admin downloads from Google and uploads here: what it is, or what to do instead. Pure.

The library checks next to nothing of it (google-calendar.md J7), and what is wrong would only show on
Google's own pages, to agents; so everything that can be known from the file is said here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from latesync.consent.callback import differing_part
from latesync.consent.oauth_client import OAuthClient
from latesync.errors import WrongInput

LARGEST_FILE = 64 * 1024
LONGEST_NAME = 255  # characters: what the tables hold of an id
LONGEST_LIST = 16 * 1024  # the redirect URIs together, as JSON

# J9, J10: the older authorize path is what downloads contain.
_GOOGLES_HOSTS = {
    "auth_uri": frozenset({"accounts.google.com"}),
    "token_uri": frozenset({"oauth2.googleapis.com", "accounts.google.com", "www.googleapis.com"}),
}

_HOW_TO_GET_IT = (
    'In the Google console, under "Google Auth Platform → Clients", create a client of the type '
    '"Web application" and download its JSON.'
)
_UNTOUCHED = "Upload the file exactly as Google's console gave it to you."


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A usable OAuth client.

    redirect_uris: as they were when the file was downloaded (J2); empty when none had been registered.
    warnings: sentences for the admin; nothing in them stops anybody.
    """

    client_id: str
    client_secret: str = field(repr=False)
    project_id: str | None
    redirect_uris: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def client(self) -> OAuthClient:
        return OAuthClient(self.client_id, self.client_secret)


def client_file_text(file: ClientFile) -> str:
    """The file again, with what counts of it and nothing else: it is kept while the owner is asked."""
    web = {"client_id": file.client_id, "client_secret": file.client_secret}
    more = {"project_id": file.project_id, "redirect_uris": list(file.redirect_uris)}
    return json.dumps({"web": web | {key: value for key, value in more.items() if value}})


def read_client_file(content: bytes, *, callback: str, standin: bool) -> ClientFile:
    """The client in an uploaded file.

    callback: our own address for Google's return; it must be registered with the client.
    standin: whether a stand-in answers instead of Google; only then may the file name other hosts (J10).
    Raises WrongInput with one sentence that says what the file is and what to do.
    """
    web = _web_client(_object(_text(content)))
    client_id, client_secret = _required(web, "client_id"), _required(web, "client_secret")
    if not standin:
        _refuse_foreign_hosts(web)
    redirect_uris = _redirect_uris(web)
    _refuse_outsize(client_id, client_secret, _optional(web, "project_id") or "", redirect_uris)
    if redirect_uris and callback not in redirect_uris:
        raise WrongInput(_callback_missing(redirect_uris, callback))
    warnings = [] if standin else _odd_looks(client_id, client_secret)
    if not redirect_uris:
        warnings.append(_no_redirect_uris(callback))
    return ClientFile(client_id, client_secret, _optional(web, "project_id"), redirect_uris, tuple(warnings))


def _text(content: bytes) -> str:
    if not content.strip():
        raise WrongInput(f"The file is empty. {_UNTOUCHED}")
    if len(content) > LARGEST_FILE:
        raise WrongInput(
            f"The file is far too large to be a client JSON, which is about one kilobyte. {_UNTOUCHED}"
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:64]:
        raise WrongInput(
            f"The file is not plain UTF-8 text; an editor may have saved it in another encoding. {_UNTOUCHED}"
        )
    if content.startswith(b"PK\x03\x04"):
        raise WrongInput("This is a ZIP archive. Unpack it and upload the JSON file inside.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise WrongInput(f"The file is not text, so it is no client JSON. {_UNTOUCHED}") from exc


def _object(text: str) -> Mapping[str, Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise WrongInput(f"The file is not JSON. {_UNTOUCHED}") from exc
    if not isinstance(parsed, Mapping):
        raise WrongInput(f"The file is JSON, but not a client: it holds no object. {_UNTOUCHED}")
    return parsed


def _web_client(parsed: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands under `web`; everything else gets the sentence for what it is."""
    if isinstance(parsed.get("web"), Mapping):
        web: Mapping[str, Any] = parsed["web"]
        return web
    if "installed" in parsed:  # J3
        raise WrongInput(
            'This client is of the type "Desktop app", which cannot sign people in on a web page. '
            + _HOW_TO_GET_IT
        )
    if parsed.get("type") == "service_account" or "private_key" in parsed:  # J5
        raise WrongInput(
            "This is the key of a service account, which cannot sign in for your agents. "
            + _HOW_TO_GET_IT
            + " Keep the key file private: whoever has it can act as that account."
        )
    if parsed.get("type") == "authorized_user" or "refresh_token" in parsed:  # J6
        raise WrongInput(
            "Careful: this file holds somebody's live sign-in, not a client. Anybody who has it can act for "
            "that person: delete every copy and withdraw the access at https://myaccount.google.com/connections."
            " LateSync has not kept it. " + _HOW_TO_GET_IT
        )
    if "client_id" in parsed:
        raise WrongInput(
            f'The part around the client is missing: Google\'s file starts with {{"web": …}}. {_UNTOUCHED}'
        )
    raise WrongInput(f"This JSON is not an OAuth client. {_HOW_TO_GET_IT}")


def _required(web: Mapping[str, Any], key: str) -> str:
    value = _optional(web, key)
    if value is not None:
        return value
    if key == "client_secret":  # C1: the console shows a secret once
        raise WrongInput(
            "The file holds no client secret. Google shows a secret only when it is made: open the client in "
            'Google\'s console, choose "Add secret" and download the JSON at once.'
        )
    raise WrongInput(f"The file holds no {key}. {_UNTOUCHED}")


def _optional(web: Mapping[str, Any], key: str) -> str | None:
    value = web.get(key)
    return value.strip() if isinstance(value, str) and value.strip() else None


def _refuse_outsize(
    client_id: str, client_secret: str, project_id: str, redirect_uris: Sequence[str]
) -> None:
    """Google's ids have some 70 characters, its secrets 35; a client has a dozen addresses at most."""
    longest = max(len(client_id), len(client_secret), len(project_id))
    if longest > LONGEST_NAME or len(json.dumps(list(redirect_uris))) > LONGEST_LIST:
        raise WrongInput(f"The file is no client of Google's: some of it is far too long. {_UNTOUCHED}")


def _refuse_foreign_hosts(web: Mapping[str, Any]) -> None:
    for key, hosts in _GOOGLES_HOSTS.items():
        address = _optional(web, key)
        if address is None:
            continue  # ours are pinned; the file's are never used
        if not _is_at(address, hosts):
            raise WrongInput(
                f"The file names an address that is not Google's as its {key}, so the client secret could be "
                f"sent to strangers. It was not taken. {_UNTOUCHED}"
            )


def _is_at(address: str, hosts: frozenset[str]) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and parts.hostname in hosts and "@" not in parts.netloc
    except ValueError:
        return False


def _redirect_uris(web: Mapping[str, Any]) -> tuple[str, ...]:
    listed = web.get("redirect_uris")
    if listed is None:
        return ()
    if not isinstance(listed, list) or not all(isinstance(uri, str) for uri in listed):
        raise WrongInput(f"The file's redirect_uris are not a list of addresses. {_UNTOUCHED}")
    return tuple(listed)


def _callback_missing(redirect_uris: tuple[str, ...], callback: str) -> str:
    """Which line to paste, and what the nearest registered one has wrong (R5: the match is exact)."""
    near = [(uri, part) for uri in redirect_uris if (part := differing_part(uri, callback))]
    hint = f" The registered {near[0][0]} differs only in its {near[0][1]}." if near else ""
    return (
        f"This client does not know LateSync's address.{hint} In Google's console, open the client, add this "
        f'line under "Authorized redirect URIs", save, download the JSON again and upload it: {callback}'
    )


def _no_redirect_uris(callback: str) -> str:
    return (
        "The file lists no redirect URIs; it may have been downloaded before one was added. Make sure that "
        f'this exact line stands under "Authorized redirect URIs" in Google\'s console: {callback}'
    )


def _odd_looks(client_id: str, client_secret: str) -> list[str]:
    """Habits of Google's, no contract (J4): worth a word, never a refusal."""
    warnings = []
    if not client_id.endswith(".apps.googleusercontent.com"):
        warnings.append(
            "The client ID does not end in .apps.googleusercontent.com as Google's do. "
            "If signing in fails, download the file again."
        )
    if not client_secret.startswith("GOCSPX-"):
        warnings.append(
            "The client secret does not look like Google's current ones, which start with GOCSPX-. "
            "If signing in fails, add a new secret in Google's console and upload the new file."
        )
    return warnings
