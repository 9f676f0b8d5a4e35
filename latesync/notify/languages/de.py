"""German, with “Sie”."""

# ruff: noqa: E501, S106 (a paragraph is one line; no_password holds none)

from latesync.notify.language import Draft, Language, RenewPage, StopPage

_TWO_DAYS = """\
Guten Tag {{agent_first_name}},

{{provider}} beendet Ihre Anmeldung am {{ends}}. Bis dahin läuft alles wie gewohnt.

{{waiting}}.

Bitte melden Sie sich vorher neu an, dann kommen Ihre Buchungen weiter ohne Lücke in Ihren Kalender. Es dauert eine Minute.

Falls es später wird, geht nichts verloren: Ihre Buchungen warten und werden nach der Anmeldung eingetragen.

Wählen Sie wie bisher das Konto {{email}}."""

_ONE_DAY = """\
Guten Tag {{agent_first_name}},

Ihre Anmeldung bei {{provider}} endet in Kürze: am {{ends}}.

{{waiting}}.

Bitte melden Sie sich vorher neu an, damit in Ihrem Kalender keine Buchung fehlt. Es dauert eine Minute.

Falls es später wird, geht nichts verloren: Ihre Buchungen warten und werden nach der Anmeldung eingetragen.

Wählen Sie wie bisher das Konto {{email}}."""

_ENDED = """\
Guten Tag {{agent_first_name}},

{{provider}} hat Ihre Anmeldung beendet. Seitdem kommen Ihre Buchungen nicht mehr in Ihren Kalender, und die Buchungsseite sieht nicht, was Sie dort eintragen.

Bemerkt wurde es am {{ended}}.

{{waiting}}.

Bitte melden Sie sich neu an. Was wartet, wird dann von selbst eingetragen; nichts geht verloren.

Wählen Sie wie bisher das Konto {{email}}."""

_STILL_WAITING = """\
Guten Tag {{agent_first_name}},

{{waiting}}.

{{provider}} hat Ihre Anmeldung beendet, deshalb kann zurzeit nichts in Ihren Kalender geschrieben werden.

Bitte melden Sie sich neu an. Was wartet, wird dann von selbst eingetragen; nichts geht verloren.

Dies ist die letzte E-Mail dazu.

Wählen Sie wie bisher das Konto {{email}}."""

_NEW_CLIENT = """\
Guten Tag {{agent_first_name}},

{{site_name}} hat die Verbindung zu {{provider}} erneuert. Bitte melden Sie sich noch einmal an, damit es mit Ihrem Kalender über die neue weitergeht.

{{waiting}}.

Ihr Kalender bleibt, wie er ist, und nichts geht verloren.

Wählen Sie wie bisher das Konto {{email}}."""

_INVITATION = """\
Guten Tag {{agent_first_name}},

{{site_name}} kann Ihre Buchungen in Ihren eigenen Kalender eintragen und keine Zeiten mehr anbieten, die dort schon belegt sind.

Melden Sie sich dazu einmal bei {{provider}} an. Andere sehen nur, wann Sie belegt sind, nie, was Sie eingetragen haben, und niemand sieht Ihr Passwort.

Der Link unten ist nur für Sie bestimmt; bitte geben Sie ihn nicht weiter."""

_CALENDAR_LOST = """\
Guten Tag {{agent_first_name}},

ein Kalender, den Sie für {{site_name}} gewählt haben, ist gelöscht oder für Sie gesperrt. Bis Sie einen anderen wählen, warten Buchungen, oder es werden Zeiten angeboten, die bei Ihnen schon belegt sind.

Melden Sie sich mit der Schaltfläche unten an, wie bisher mit dem Konto {{email}}, und wählen Sie dann auf Ihrer Seite einen anderen Kalender. Nichts geht verloren: Was wartet, wird von selbst eingetragen."""

_CALENDAR_BACK = """\
Guten Tag {{agent_first_name}},

Ihr Kalender und {{site_name}} sind wieder auf demselben Stand. Sie müssen nichts tun."""

LANGUAGE = Language(
    code="de",
    name="Deutsch",
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=(
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    moment="{weekday}, {day}. {month}, {hour}:{minute} Uhr ({zone})",
    waiting_one="{count} Buchung steht noch nicht in Ihrem Kalender",
    waiting_many="{count} Buchungen stehen noch nicht in Ihrem Kalender",
    sign_in="Mit {provider} anmelden",
    sign_in_again="Erneut mit {provider} anmelden",
    address_below="Falls die Schaltfläche nicht geht, öffnen Sie diese Adresse in Ihrem Browser:",
    why="Sie erhalten diese E-Mail, weil Sie bei {site} Buchungen annehmen und LateSync dort die Kalender "
    "abgleicht.",
    ask="Fragen? Bitte wenden Sie sich bei {site} an die Person, die sich um die Buchungen kümmert.",
    stop="Keine solchen E-Mails mehr",
    letters={
        "two_days": Draft("Ihre Kalender-Anmeldung für {{site_name}} endet bald", _TWO_DAYS),
        "one_day": Draft("Ihre Kalender-Anmeldung für {{site_name}} endet in Kürze", _ONE_DAY),
        "ended": Draft("Bitte neu anmelden: {{site_name}} erreicht Ihren Kalender nicht", _ENDED),
        "still_waiting": Draft("Buchungen von {{site_name}} warten auf Ihren Kalender", _STILL_WAITING),
        "new_client": Draft("Bitte melden Sie sich für {{site_name}} noch einmal an", _NEW_CLIENT),
        "invitation": Draft("Ihre Buchungen bei {{site_name}}, im eigenen Kalender", _INVITATION),
    },
    alarms={
        "calendar_lost": Draft("Bitte wählen Sie für {{site_name}} einen anderen Kalender", _CALENDAR_LOST),
        "calendar_back": Draft("Ihr Kalender ist für {{site_name}} wieder erreichbar", _CALENDAR_BACK),
    },
    renew_page=RenewPage(
        title="Neu anmelden",
        title_first="Kalender verbinden",
        lead="Ein Klick führt zu {provider}. Stimmen Sie dort zu, und alles geht von selbst weiter.",
        lead_first="Ein Klick führt zu {provider}. Stimmen Sie dort zu, und Ihre Buchungen kommen in Ihren "
        "Kalender.",
        account="Bitte wählen Sie das Konto {email}.",
        no_password="LateSync fragt nach keinem Passwort. Sie geben es höchstens bei {provider} ein.",
        nothing_lost="Nichts geht verloren: Was wartet, wird nach der Anmeldung eingetragen.",
        why_ending="{provider} beendet Ihre Anmeldung am {ends}.",
        why_ended="{provider} hat Ihre Anmeldung beendet.",
        why_new_client="{site} hat die Verbindung zu {provider} erneuert.",
        done_title="Sie sind bereits angemeldet",
        done_text="Ihr Kalender ist verbunden, und alles geht von selbst weiter. Sie können diese Seite schließen.",
        used_title="Dieser Link wird nicht mehr gebraucht",
        used_text="Er hat seinen Dienst getan oder ist zu alt. Wenn Sie abgemeldet sind, nehmen Sie die "
        "neueste E-Mail oder bitten Sie {site} um einen neuen Link.",
    ),
    stop_page=StopPage(
        title="Keine solchen E-Mails mehr?",
        text="{site} würde Sie nicht mehr per E-Mail erinnern, wenn Ihre Kalender-Anmeldung endet. "
        "Ihre Buchungen sind davon nicht betroffen.",
        button="Keine E-Mails mehr",
        stopped_title="Sie erhalten keine solchen E-Mails mehr",
        stopped_text="Sollte Ihre Anmeldung enden, warten Ihre Buchungen, bis Sie sich neu anmelden.",
        resume="Doch wieder E-Mails erhalten",
        resumed_title="Sie erhalten diese E-Mails wieder",
        resumed_text="Sie werden erinnert, bevor Ihre Kalender-Anmeldung endet.",
    ),
)
