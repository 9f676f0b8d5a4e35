"""Who is looking: nobody, an agent, an admin, somebody with a mail's link, or two of them in one browser."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec

from flask import abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from latesync.consent.renewal import Renewal
from latesync.services import Services
from latesync.store.people import AdminRow, link_serial, read_admin

AGENT_SESSION = timedelta(days=30)  # as long as the personal link it came from
RENEWAL_SESSION = timedelta(days=1)  # the message's link opens the next one
ADMIN_SESSION = timedelta(hours=12)  # a working day
OWNER = 0  # in place of an admin's id: a session from a one-time link, without a password behind it

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Viewer:
    """agent_id: whose own pages may be seen, None for nobody's.

    renewal: who came by a mail's link may begin that sign-in, and sees nothing else.
    """

    is_admin: bool = False
    agent_id: int | None = None
    renewal: Renewal | None = None

    @property
    def may_sign_in(self) -> int | None:
        """The agent whom this browser may send to a provider."""
        return self.renewal.agent_id if self.renewal else self.agent_id


def current_viewer() -> Viewer:
    """Read once a request, from the signed cookie and what still holds of it."""
    if "viewer" not in g:
        services: Services = current_app.extensions["latesync"]
        now = services.clock()
        g.viewer = _viewer(services, now) if session else Viewer()
    viewer: Viewer = g.viewer
    return viewer


def current_admin() -> AdminRow | None:
    """Which admin is looking; None for nobody, and for the owner from a one-time link."""
    if not current_viewer().is_admin:
        return None
    services: Services = current_app.extensions["latesync"]
    return read_admin(services.database, session["admin"][0])


def forget_viewer() -> None:
    """For error pages: show them to nobody in particular, without asking the database."""
    g.viewer = Viewer()


def let_in_admin(services: Services, admin: AdminRow | None) -> None:
    """Begin an admin's session; None: the owner's, from a one-time link."""
    session.clear()
    session.permanent = True
    admin_id = OWNER if admin is None else admin.id
    session["admin"] = [admin_id, _proof(services, admin), int(services.clock().timestamp())]


def let_in_agent(services: Services, agent_id: int, serial: int) -> None:
    """Begin an agent's session; it ends when the link it came from is replaced. An admin stays one.

    The same agent opening the link again keeps what another tab shows, and a sign-in on its way there.
    """
    _forget_others(agent_id)
    session["agent"] = [agent_id, serial, int(services.clock().timestamp())]
    del g.viewer


def let_in_to_renew(services: Services, renewal: Renewal, serial: int) -> None:
    """Begin the session of a mail's link. Whose own session it is already needs no smaller one."""
    if current_viewer().agent_id == renewal.agent_id:
        return
    _forget_others(renewal.agent_id)
    since = int(services.clock().timestamp())
    session["renew"] = [renewal.agent_id, serial, renewal.account_id, renewal.consent, since]
    del g.viewer


def let_out() -> None:
    session.clear()
    forget_viewer()


def browser_nonce() -> str:
    """A secret of this browser's session, to which a sign-in is bound."""
    if "browser" not in session:
        session["browser"] = secrets.token_urlsafe(32)
    return str(session["browser"])


def admin_only(view: View[P]) -> View[P]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        viewer = current_viewer()
        if viewer.is_admin:
            return view(*args, **kwargs)
        if request.endpoint == "admin.dashboard" and viewer.may_sign_in is not None:
            return redirect(url_for("connect.page" if viewer.renewal is None else "renew.page"))
        if request.method == "GET" and viewer.agent_id is None:
            return redirect(url_for("entrance.sign_in"))
        abort(403)

    return guarded


def _viewer(services: Services, now: datetime) -> Viewer:
    agent_id = _agent_id(services, now)
    renewal = _renewal(services, now) if agent_id is None else None
    return Viewer(_is_admin(services, now), agent_id, renewal)


def _forget_others(agent_id: int) -> None:
    """One agent at a time: a salon's computer is everybody's. An admin stays one."""
    viewer = current_viewer()
    kept = {"admin"} if viewer.is_admin else set()
    kept |= {"browser", "csrf_token"} if viewer.may_sign_in == agent_id else set()
    for name in set(session) - kept:
        del session[name]
    session.permanent = True


def _is_admin(services: Services, now: datetime) -> bool:
    match session.get("admin"):
        case [int(admin_id), str(proof), int(since)] if _is_fresh(since, ADMIN_SESSION, now):
            admin = read_admin(services.database, admin_id)
            return (admin is not None or admin_id == OWNER) and hmac.compare_digest(
                proof, _proof(services, admin)
            )
    return False


def _agent_id(services: Services, now: datetime) -> int | None:
    match session.get("agent"):
        case [int(agent_id), int(serial), int(since)] if _is_fresh(since, AGENT_SESSION, now):
            newest = link_serial(services.database, services.site_id, agent_id)
            return agent_id if serial == newest else None
    return None


def _renewal(services: Services, now: datetime) -> Renewal | None:
    match session.get("renew"):
        case [int(agent_id), int(serial), int(account_id), int(consent), int(since)] if _is_fresh(
            since, RENEWAL_SESSION, now
        ):
            newest = link_serial(services.database, services.site_id, agent_id)
            return Renewal(agent_id, account_id, consent) if serial == newest else None
    return None


def _is_fresh(since: int, life: timedelta, now: datetime) -> bool:
    return 0 <= now.timestamp() - since < life.total_seconds()


def _proof(services: Services, admin: AdminRow | None) -> str:
    """Stands in the cookie for the password's hash: another password makes it worthless."""
    subject = "one-time link" if admin is None else admin.password_hash
    return hmac.new(services.secret_key.encode(), subject.encode(), hashlib.sha256).hexdigest()
