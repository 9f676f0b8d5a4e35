"""Signed links: an agent's own page, and the first admin's set-up page.

A link is a secret for as long as it lives. Whether a newer one replaced it is the store's to say (`serial`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from latesync.errors import WrongInput

LINK_LIFE = timedelta(days=30)  # design.md §8
SETUP_LIFE = timedelta(days=1)  # the first admin is at the keyboard

# A token of one kind must not pass as one of the other.
_LINK_SALT = "latesync personal link"
_SETUP_SALT = "latesync set-up link"

_EXPIRED_LINK = "This link has expired. Ask the site's owner for a new one."
_WRONG_LINK = "This link is incomplete or was changed. Open it again from the message, or ask for a new one."
_EXPIRED_SETUP = "This set-up link has expired. Restart LateSync to get a new one."
_WRONG_SETUP = "This set-up link is incomplete. Copy the whole line that LateSync printed."


@dataclass(frozen=True, slots=True)
class LinkClaim:
    """Whose page a link opens. It counts only while `serial` is the agent's newest."""

    site_id: str
    agent_id: int
    serial: int


def make_link_token(
    secret_key: str, site_id: str, agent_id: int, serial: int, *, now: datetime | None = None
) -> str:
    """A token for the agent's own page. now: for tests; the machine's clock otherwise."""
    return _signer(secret_key, _LINK_SALT, now).dumps({"s": site_id, "a": agent_id, "n": serial})


def read_link_token(
    secret_key: str, token: str, *, max_age: timedelta = LINK_LIFE, now: datetime | None = None
) -> LinkClaim:
    """What the token claims. Raises WrongInput, with a sentence for its holder."""
    claim = _read(_signer(secret_key, _LINK_SALT, now), token, max_age, _EXPIRED_LINK, _WRONG_LINK)
    match claim:
        case {"s": str(site_id), "a": int(agent_id), "n": int(serial)}:
            return LinkClaim(site_id, agent_id, serial)
    raise WrongInput(_WRONG_LINK)


def make_setup_token(secret_key: str, site_id: str, *, now: datetime | None = None) -> str:
    """A token that lets its holder make the first admin."""
    return _signer(secret_key, _SETUP_SALT, now).dumps({"s": site_id})


def read_setup_token(
    secret_key: str, token: str, *, max_age: timedelta = SETUP_LIFE, now: datetime | None = None
) -> str:
    """The site the token is for. Raises WrongInput, with a sentence for its holder."""
    claim = _read(_signer(secret_key, _SETUP_SALT, now), token, max_age, _EXPIRED_SETUP, _WRONG_SETUP)
    match claim:
        case {"s": str(site_id)}:
            return site_id
    raise WrongInput(_WRONG_SETUP)


def _signer(secret_key: str, salt: str, now: datetime | None) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        secret_key, salt=salt, signer=_ClockedSigner, signer_kwargs={"moment": now or datetime.now(UTC)}
    )


def _read(
    signer: URLSafeTimedSerializer, token: str, max_age: timedelta, expired: str, wrong: str
) -> Mapping[str, Any]:
    try:
        claim = signer.loads(token, max_age=int(max_age.total_seconds()))
    except SignatureExpired as exc:
        raise WrongInput(expired) from exc
    except BadData as exc:
        raise WrongInput(wrong) from exc
    return claim if isinstance(claim, Mapping) else {}


class _ClockedSigner(TimestampSigner):
    """Signs as of a given moment."""

    def __init__(self, *args: Any, moment: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._moment = moment

    def get_timestamp(self) -> int:
        return int(self._moment.timestamp())
