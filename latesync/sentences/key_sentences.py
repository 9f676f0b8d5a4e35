"""What people read about keys, lost ones too, and about backups. Pure: no key is ever among the values."""

from __future__ import annotations

from collections.abc import Sequence

from latesync.messages import counted

PUT_BACK = (
    "If you still have the old key, add it as a line to the file encryption_key in LateSync’s home (or to "
    "LATESYNC_ENCRYPTION_KEYS), and everything goes on by itself."
)
NOT_TOUCHED = (
    "Personal links, the pages’ sign-ins and the connection to the WordPress plugin have keys of their own; "
    "they stay as they are."
)
_AGAIN = {
    "google": "upload the client file again on the Google page",
    "microsoft": "paste the app’s secret again on the Microsoft page",
}


# --- a lost key ---------------------------------------------------------------------------------


def sign_ins_must_be_renewed(names: Sequence[str], *, lost_clients: Sequence[str] = ()) -> str:
    """One alarm for all. names: agents whose sign-in cannot be read. lost_clients: providers whose client
    file or secret cannot be read either."""
    start = "The key is gone with which LateSync keeps"
    again = " and ".join(_AGAIN[provider] for provider in lost_clients)
    if again and not names:
        return f"{start} what signing in needs: {again}. {PUT_BACK}"
    who = _listed(names)
    ask = f"ask {who} to open the personal link and sign in again"
    if again:
        return (
            f"{start} sign-ins, so sign-ins must be renewed: {again}, "
            f"then {ask}. Nothing in the calendars is lost or doubled. {PUT_BACK}"
        )
    return (
        f"{start} sign-ins, so sign-ins must be renewed: {ask}. Nothing in the calendars is lost or doubled. "
        f"{PUT_BACK}"
    )


def readable(readable_count: int, unreadable: int) -> str:
    if not unreadable:
        return f"{counted(readable_count, 'stored secret')}, all readable"
    return f"{counted(unreadable, 'stored secret')} cannot be read: the key is gone"


# --- rotating -----------------------------------------------------------------------------------


def rotated(resealed: int, dropped: int) -> str:
    older = (
        f" {counted(dropped, 'older key')} {'was' if dropped == 1 else 'were'} removed." if dropped else ""
    )
    return (
        f"A new key is in use; {counted(resealed, 'secret')} {'was' if resealed == 1 else 'were'} sealed "
        f"with it. The key before stays for now, and goes with a rotation an hour from now or later.{older} "
        "Nothing has to be restarted."
    )


def not_resealed(count: int) -> str:
    return (
        f"{counted(count, 'secret')} could not be read and stayed as {'it is' if count == 1 else 'they are'}"
        ": the key is gone. latesync status says whose sign-in that concerns."
    )


def resealed_from_environment(resealed: int) -> str:
    sealed = f"{counted(resealed, 'secret')} {'was' if resealed == 1 else 'were'} sealed anew"
    return f"Everything is under the first key of LATESYNC_ENCRYPTION_KEYS; {sealed}."


def may_go(total: int) -> str:
    """The keys after the first in the environment are needed no more."""
    which = "The second key" if total == 2 else f"Keys 2 to {total}"
    return (
        f"{which} may go from LATESYNC_ENCRYPTION_KEYS, once web and worker run with the first one: restart "
        "them, run latesync keys rotate once more, then remove what is no longer needed."
    )


def one_key_in_environment() -> list[str]:
    """What LateSync cannot do itself: the environment is the operator's."""
    return [
        "LATESYNC_ENCRYPTION_KEYS holds one key, and LateSync cannot change the environment. Do this:",
        "  1. Make a new key: latesync keys new",
        "  2. Put it in front of the old one: LATESYNC_ENCRYPTION_KEYS='NEW,OLD'",
        "  3. Restart web and worker.",
        "  4. Run latesync keys rotate again: it seals everything with the new key.",
        "  5. Remove the old key, and restart web and worker.",
    ]


# --- backup and restore -------------------------------------------------------------------------


def backed_up(rows: int) -> str:
    return (
        f"The backup is complete: {counted(rows, 'row')} and the keys. Whoever has it and its passphrase "
        "holds every sign-in; without the passphrase nobody can open it, not you either."
    )


def restored(rows: int, made_at: str) -> str:
    return f"Restored: {counted(rows, 'row')} and the keys, as they were on {made_at}."


def still_to_do(variables: Sequence[str]) -> list[str]:
    """variables: set where the backup was made, and not here; by name."""
    lines = ["What is left to do here:"]
    if variables:
        lines.append(f"  - Set as on the machine before: {', '.join(variables)}.")
    return [
        *lines,
        "  - See to it that web and worker never run on the machine before again: two copies of one state "
        "write into the same calendars.",
        "  - Start web and worker; latesync doctor checks everything.",
    ]


def contradicts(variable: str) -> str:
    return {
        "LATESYNC_ENCRYPTION_KEYS": "LATESYNC_ENCRYPTION_KEYS is set here and lacks the backup’s keys, so "
        "the sign-ins cannot be read. Unset it (the keys are in LateSync’s home now), or set it as it was on "
        "the machine before.",
        "LATESYNC_SECRET_KEY": "LATESYNC_SECRET_KEY is set here and is another one than the backup’s: "
        "personal links sent before do not work. Unset it, or set it as it was.",
        "LATESYNC_BRIDGE_SECRET": "LATESYNC_BRIDGE_SECRET is set here and is another one than the backup’s: "
        "the WordPress plugin must be connected anew. Unset it, or set it as it was.",
    }[variable]


def _listed(names: Sequence[str]) -> str:
    """ "Dana", "Dana and Ben", "Dana, Ben, Cleo and 4 more"."""
    shown = list(names) if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
