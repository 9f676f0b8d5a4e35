"""What an uploaded client file would change, and for whom. An account keeps the client it consented to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    FIRST = "first"  # there was no client
    SAME_FILE = "same_file"  # it is in use already, as it is
    SAME_CLIENT = "same_client"  # the same client id: its secret is replaced, and nobody signs in again
    OTHER_CLIENT = "other_client"


@dataclass(frozen=True, slots=True)
class KnownClient:
    """A client that was uploaded before. is_refused: the provider does not accept it now."""

    ref: int
    client_id: str
    project_id: str | None = None
    is_current: bool = False
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class ClientUser:
    """An account that is not disconnected. is_signed_in: it works; else it waits for a sign-in anyway."""

    agent_id: int
    client_ref: int
    is_signed_in: bool = True


@dataclass(frozen=True, slots=True)
class ClientReplacement:
    """What "yes" would mean. Agents by LatePoint's id, each in one of the four.

    unnoticed: signed in with this very client. sign_in_again: signed in with another one, which goes on
    working for them until they have. cut_off: as these, but the provider refuses their client: they are
    signed out at the next look. signed_out: they have to sign in anyway.
    other_project: the name of the client's project where it is not the one in use now.
    """

    change: Change
    client_id: str
    unnoticed: tuple[int, ...] = ()
    sign_in_again: tuple[int, ...] = ()
    cut_off: tuple[int, ...] = ()
    signed_out: tuple[int, ...] = ()
    other_project: str | None = None

    @property
    def needs_a_yes(self) -> bool:
        """Whether anybody is signed in, or was, whom the change could concern."""
        touches_somebody = bool(self.unnoticed or self.sign_in_again or self.cut_off or self.signed_out)
        return touches_somebody and self.change is not Change.SAME_FILE


def plan_replacement(
    client_id: str,
    project_id: str | None,
    clients: Sequence[KnownClient],
    users: Sequence[ClientUser],
    *,
    is_unchanged: bool,
) -> ClientReplacement:
    """is_unchanged: the file says the same as what is in use, its secret included."""
    current = next((client for client in clients if client.is_current), None)
    own = {client.ref for client in clients if client.client_id == client_id}
    refused = {client.ref for client in clients if client.is_refused}
    signed_in = [user for user in users if user.is_signed_in]
    others = [user for user in signed_in if user.client_ref not in own]
    return ClientReplacement(
        change=_change(client_id, current, is_unchanged=is_unchanged),
        client_id=client_id,
        unnoticed=_agents(user for user in signed_in if user.client_ref in own),
        sign_in_again=_agents(user for user in others if user.client_ref not in refused),
        cut_off=_agents(user for user in others if user.client_ref in refused),
        signed_out=_agents(user for user in users if not user.is_signed_in),
        other_project=project_id if current and project_id != current.project_id else None,
    )


def _change(client_id: str, current: KnownClient | None, *, is_unchanged: bool) -> Change:
    if current is None:
        return Change.FIRST
    if client_id != current.client_id:
        return Change.OTHER_CLIENT
    return Change.SAME_FILE if is_unchanged else Change.SAME_CLIENT


def _agents(users: Iterable[ClientUser]) -> tuple[int, ...]:
    return tuple(sorted({user.agent_id for user in users}))
