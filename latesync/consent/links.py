"""Signed links: an agent's own page, the ones that go out by mail, and the first admin's set-up page.

A link is a secret for as long as it lives. Whether a newer one replaced it is the store's to say (`serial`),
and whether a sign-in has used a mail's link up is said by `renewal.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, SignatureExpired, TimestampSigner, URLSafeSerializer, URLSafeTimedSerializer

from latesync.errors import LinkExpired, WrongInput

LINK_LIFE = timedelta(days=30)  # design.md §8
SETUP_LIFE = timedelta(days=1)  # the first admin is at the keyboard

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# A token of one kind must not pass as one of another.
_LINK_SALT = "latesync personal link"
_MAIL_SALT = "latesync mail link"
_STOP_SALT = "latesync mail stop"
_SETUP_SALT = "latesync set-up link"

_EXPIRED_LINK = "This link has expired. Ask the site's owner for a new one."
_WRONG_LINK = "This link is incomplete or was changed. Open it again from the message, or ask for a new one."
_EXPIRED_MAIL = (
    "This link has expired. Open the one in a newer message, or ask the site's owner for a new one."
)
_WRONG_STOP = "This link is incomplete. Open it again from the message."
_EXPIRED_SETUP = "This set-up link has expired. Restart LateSync to get a new one."
_WRONG_SETUP = "This set-up link is incomplete. Copy the whole line that LateSync printed."


@dataclass(frozen=True, slots=True)
class LinkClaim:
    """Whose page a link opens. It counts only while `serial` is the agent's newest."""

    site_id: str
    agent_id: int
    serial: int


@dataclass(frozen=True, slots=True)
class MailClaim:
    """What a link in a mail is for: one sign-in, for one account as it stood when the mail was sent.

    account_id, consent: 0 where the agent had none; consent is what consent_stamp gives.
    """

    site_id: str
    agent_id: int
    serial: int
    account_id: int
    consent: int


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


def make_mail_token(
    secret_key: str,
    site_id: str,
    agent_id: int,
    serial: int,
    *,
    account_id: int,
    consent: int,
    now: datetime | None = None,
) -> str:
    """A token for one sign-in: all that a mail's link is good for. account_id, consent: see MailClaim."""
    claim = {"s": site_id, "a": agent_id, "n": serial, "i": account_id, "c": consent}
    return _signer(secret_key, _MAIL_SALT, now).dumps(claim)


def read_mail_token(
    secret_key: str, token: str, *, max_age: timedelta = LINK_LIFE, now: datetime | None = None
) -> MailClaim:
    """What the token claims. Raises LinkExpired and WrongInput, with a sentence for its holder."""
    claim = _read(_signer(secret_key, _MAIL_SALT, now), token, max_age, _EXPIRED_MAIL, _WRONG_LINK)
    match claim:
        case {"s": str(site_id), "a": int(agent_id), "n": int(serial), "i": int(account), "c": int(consent)}:
            return MailClaim(site_id, agent_id, serial, account, consent)
    raise WrongInput(_WRONG_LINK)


def read_agent_token(secret_key: str, token: str, *, now: datetime | None = None) -> LinkClaim | MailClaim:
    """Whichever of an agent's two kinds of link this is. Raises LinkExpired and WrongInput."""
    try:
        return read_mail_token(secret_key, token, now=now)
    except LinkExpired:
        raise
    except WrongInput:
        return read_link_token(secret_key, token, now=now)


def consent_stamp(at: datetime | None) -> int:
    """A consent's moment as links carry it: unix microseconds, 0 for None."""
    return 0 if at is None else (at - _EPOCH) // timedelta(microseconds=1)


def make_stop_token(secret_key: str, site_id: str, who: str) -> str:
    """A token that stops the mails to `who` ("agent:3", "admin:1"). It never expires: old mails must be
    stoppable too, and it opens nothing."""
    return URLSafeSerializer(secret_key, salt=_STOP_SALT).dumps([site_id, who])


def read_stop_token(secret_key: str, token: str) -> tuple[str, str]:
    """(site, who). Raises WrongInput, with a sentence for its holder."""
    try:
        claim = URLSafeSerializer(secret_key, salt=_STOP_SALT).loads(token)
    except BadData as exc:
        raise WrongInput(_WRONG_STOP) from exc
    match claim:
        case [str(site_id), str(who)]:
            return site_id, who
    raise WrongInput(_WRONG_STOP)


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
        raise LinkExpired(expired) from exc
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
