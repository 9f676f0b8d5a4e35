"""What people read about the WordPress plugin: what it lacks, and who mends it. Pure."""

from __future__ import annotations

# As the menu in WordPress has it (class-status-page.php puts “LateSync” under LatePoint's own entry).
SETTINGS_PATH = "LatePoint → LateSync → Settings"

MISSING = (
    "LatePoint’s booking form does not show your agents’ busy time yet: install the LateSync plugin in "
    "WordPress."
)
OFF = (
    "The plugin is switched off in WordPress: it closes no times on the booking form, and new bookings are "
    "noticed later. Activate it there under Plugins; if it is gone, install it again."
)
OFF_NOTE = (
    "LatePoint’s booking form does not show your agents’ busy time: the LateSync plugin is switched off in "
    "WordPress. Activate it there under Plugins; if it is gone, install it again."
)
NEVER_CONNECTED = (
    "The LateSync plugin is active in WordPress but has never reached LateSync, so new bookings are noticed "
    "later: paste the connection string into its settings."
)
NO_ANSWER = (
    "The plugin did not answer when LateSync asked it to change a booking. LateSync tries again by itself; "
    "if it stays so, look whether WordPress answers."
)
SILENT = (
    "It has not been heard from for more than a day. On a quiet site that may be all right: open its "
    "settings in WordPress and press “Test connection”."
)
# PluginState.standing → what to say of it; "needs_person" has sentences of its own.
STANDINGS = {"off": OFF, "no_answer": NO_ANSWER, "silent": SILENT}
_MEND = (
    f"Paste the connection string into its settings again ({SETTINGS_PATH}) and press “Connect”; “Test "
    "connection” there says what else is wrong."
)
REFUSES = f"The plugin refuses LateSync’s messages; most often the two secrets differ. {_MEND}"
OFF_OR_REFUSES = f"The plugin is off or refuses LateSync’s messages. Look in WordPress under Plugins. {_MEND}"


def does_not_fit(version: str) -> str:
    which = f"The plugin in WordPress ({version})" if version else "The plugin in WordPress"
    return (
        f"{which} and this LateSync do not fit together. Update the older one: the plugin’s file is on "
        "LateSync’s page WordPress."
    )


def other_version(its: str, ours: str, *, is_older: bool) -> str:
    """The two still understand each other: the plugin is to be updated at leisure."""
    if is_older:
        return (
            f"WordPress runs plugin {its}, this LateSync comes with {ours}: download it again and upload it."
        )
    return (
        f"WordPress runs plugin {its}, this LateSync comes with {ours}: update LateSync, or download the "
        "plugin again and upload it."
    )


def is_elsewhere(its_home: str, our_home: str) -> str:
    return (
        f"The plugin speaks for {its_home}, but LateSync reads the database of {our_home}. If one of them is "
        "a copy, remove the connection from the copy’s plugin settings; otherwise check "
        "LATESYNC_SITE_DATABASE_URL and LATESYNC_TABLE_PREFIX."
    )


def cannot_follow(*, is_off: bool) -> str:
    """Bookings shall follow their events, which only the plugin can do, and it is not there."""
    if is_off:
        return (
            "Bookings cannot follow their events yet: the LateSync plugin is switched off in WordPress. "
            "Activate it there under Plugins; if it is gone, install it again (`latesync plugin` says how)."
        )
    return (
        "Bookings cannot follow their events yet: the LateSync plugin was never heard from. Install it and "
        "paste the connection string into its settings (`latesync plugin` says how)."
    )
