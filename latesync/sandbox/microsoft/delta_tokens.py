"""Delta and skip tokens: opaque to clients, readable to us, signed."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import astuple, dataclass

from .errors import GraphError
from .graph_state import Calendar, Mailbox
from .graph_times import stamp


@dataclass(frozen=True)
class Token:
    """Where a listing stands.

    kind: "skip" within a round, "delta" at its end.
    after_ts, before_ts: the window, for ever (D3).
    since: the round shows changes after this number; None for everything. upto: and up to this one.
    after: the last row shown.
    """

    kind: str
    calendar_id: str
    after_ts: float
    before_ts: float
    since: int | None
    upto: int
    after: str
    was_empty: bool
    made_ts: float
    age: int

    def text(self, secret: str) -> str:
        packed = base64.urlsafe_b64encode(json.dumps(astuple(self), separators=(",", ":")).encode()).decode()
        return f"{packed.rstrip('=')}.{_seal(packed.rstrip('='), secret)}"


def read_token(text: str, kind: str, calendar: Calendar, secret: str) -> Token:
    """Raises GraphError 400 for one that was tampered with, or belongs elsewhere."""
    packed, _, seal = text.partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(packed, secret).encode()):
        raise _badly_formed()
    try:
        token = Token(*json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))))
    except (ValueError, TypeError, binascii.Error) as error:
        raise _badly_formed() from error
    if token.kind != kind or token.calendar_id != calendar.id:
        raise _badly_formed()
    return token


def check_alive(mailbox: Mailbox, calendar: Calendar, token: Token, address: str) -> None:
    """Raises GraphError, in the form that the switch chooses (D7)."""
    life = mailbox.switches.delta_token_life_s
    too_old = life is not None and token.made_ts < mailbox.now() - life
    if token.age == calendar.token_age and not too_old:
        return
    death = mailbox.switches.delta_death
    code = "resyncRequired" if death.endswith("resync") else "syncStateNotFound"
    message = "The sync state generation is not found; the application must do a full synchronization."
    if death.startswith("410"):
        window = f"startDateTime={stamp(token.after_ts)}&endDateTime={stamp(token.before_ts)}"
        raise GraphError(410, code, message, headers={"Location": f"{address}?{window}"})
    if death == "400_inner":
        raise GraphError(400, "ErrorInvalidRequest", message, inner=code)
    raise GraphError(404 if death == "404" else 400, code, message)


def _seal(packed: str, secret: str) -> str:
    return hmac.new(secret.encode(), packed.encode(), hashlib.sha256).hexdigest()[:32]


def _badly_formed() -> GraphError:
    return GraphError(400, "ErrorInvalidRequest", "Badly formed token.")
