"""English, which is also what everything else falls back to."""

# ruff: noqa: E501, S106 (a paragraph is one line; no_password holds none)

from latesync.notify.language import Draft, Language, RenewPage, StopPage

_TWO_DAYS = """\
Hello {{agent_first_name}},

{{provider}} ends your sign-in on {{ends}}. Until then everything works as usual.

{{waiting}}.

Please sign in again before that, and your bookings keep arriving in your calendar without a gap. It takes a minute.

Should you be late, nothing is lost: your bookings wait and are added once you have signed in.

Choose the account {{email}}, as before."""

_ONE_DAY = """\
Hello {{agent_first_name}},

your sign-in with {{provider}} is about to end: on {{ends}}.

{{waiting}}.

Please sign in again before that, so that no booking is missing from your calendar. It takes a minute.

Should you be late, nothing is lost: your bookings wait and are added once you have signed in.

Choose the account {{email}}, as before."""

_ENDED = """\
Hello {{agent_first_name}},

{{provider}} has ended your sign-in. Since then your bookings no longer reach your calendar, and the booking page does not see what you enter there.

It was noticed on {{ended}}.

{{waiting}}.

Please sign in again. Whatever waits is then added by itself; nothing is lost.

Choose the account {{email}}, as before."""

_STILL_WAITING = """\
Hello {{agent_first_name}},

{{waiting}}.

{{provider}} has ended your sign-in, so nothing can be written into your calendar at the moment.

Please sign in again. Whatever waits is then added by itself; nothing is lost.

This is the last mail about it.

Choose the account {{email}}, as before."""

_NEW_CLIENT = """\
Hello {{agent_first_name}},

{{site_name}} has renewed its connection to {{provider}}. Please sign in once more, so that your calendar goes on with the new one.

{{waiting}}.

Your calendar stays as it is, and nothing is lost.

Choose the account {{email}}, as before."""

_INVITATION = """\
Hello {{agent_first_name}},

{{site_name}} can write your bookings into your own calendar, and offer no times at which you are busy there.

Sign in with {{provider}} once. Others see only when you are busy, never what you have entered, and nobody sees your password.

The link below is meant for you alone; please do not pass it on."""

_CALENDAR_LOST = """\
Hello {{agent_first_name}},

a calendar you chose for {{site_name}} is gone, or closed to you. Until you choose another one, bookings wait, or times at which you are busy are offered.

Sign in with the button below, choose the account {{email}} as before, and then another calendar on your page. Nothing is lost: what waits is added by itself."""

_CALENDAR_BACK = """\
Hello {{agent_first_name}},

your calendar and {{site_name}} are in step again. There is nothing to do."""

LANGUAGE = Language(
    code="en",
    name="English",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    moment="{weekday} {day} {month}, {hour}:{minute} ({zone})",
    waiting_one="{count} booking is not yet in your calendar",
    waiting_many="{count} bookings are not yet in your calendar",
    sign_in="Sign in with {provider}",
    sign_in_again="Sign in again with {provider}",
    address_below="If the button does not work, open this address in your browser:",
    why="You get this mail because you take bookings at {site}, where LateSync keeps calendars in step.",
    ask="Questions? Please ask the people at {site} who look after the bookings.",
    stop="No more mails of this kind",
    letters={
        "two_days": Draft("Your calendar sign-in for {{site_name}} ends soon", _TWO_DAYS),
        "one_day": Draft("Your calendar sign-in for {{site_name}} is about to end", _ONE_DAY),
        "ended": Draft("Please sign in again: {{site_name}} cannot reach your calendar", _ENDED),
        "still_waiting": Draft("Bookings of {{site_name}} wait for your calendar", _STILL_WAITING),
        "new_client": Draft("Please sign in once more for {{site_name}}", _NEW_CLIENT),
        "invitation": Draft("Your bookings at {{site_name}}, in your own calendar", _INVITATION),
    },
    alarms={
        "calendar_lost": Draft("Please choose another calendar for {{site_name}}", _CALENDAR_LOST),
        "calendar_back": Draft("Your calendar works again for {{site_name}}", _CALENDAR_BACK),
    },
    renew_page=RenewPage(
        title="Sign in again",
        title_first="Connect your calendar",
        lead="One click leads to {provider}. Agree there, and everything goes on by itself.",
        lead_first="One click leads to {provider}. Agree there, and your bookings arrive in your calendar.",
        account="Please choose the account {email}.",
        no_password="LateSync asks for no password. You type it at {provider} only, if at all.",
        nothing_lost="Nothing is lost: what waits is added once you have signed in.",
        why_ending="{provider} ends your sign-in on {ends}.",
        why_ended="{provider} has ended your sign-in.",
        why_new_client="{site} has renewed its connection to {provider}.",
        done_title="You have signed in already",
        done_text="Your calendar is connected, and everything goes on by itself. You can close this page.",
        used_title="This link is no longer needed",
        used_text="It has done its work, or it is too old. If you are signed out, use the newest mail, "
        "or ask {site} for a new link.",
    ),
    stop_page=StopPage(
        title="No more of these mails?",
        text="{site} would no longer remind you by e-mail when your calendar sign-in ends. "
        "Your bookings are not affected.",
        button="No more mails",
        stopped_title="You get no more of these mails",
        stopped_text="Should your sign-in end, your bookings wait until you sign in again.",
        resume="Do send me these mails",
        resumed_title="You get these mails again",
        resumed_text="You are reminded before your calendar sign-in ends.",
    ),
)
