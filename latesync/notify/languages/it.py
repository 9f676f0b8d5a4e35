"""Italian, with “Lei”."""

# ruff: noqa: E501, S106 (a paragraph is one line; no_password holds none)

from latesync.notify.language import Draft, Language, RenewPage, StopPage

_TWO_DAYS = """\
Buongiorno {{agent_first_name}},

{{provider}} terminerà il Suo accesso {{ends}}. Fino ad allora tutto funziona come sempre.

{{waiting}}.

La preghiamo di accedere di nuovo prima di allora: le Sue prenotazioni continueranno ad arrivare nel Suo calendario senza interruzioni. Basta un minuto.

Se dovesse tardare, nulla va perso: le Sue prenotazioni attendono e vengono aggiunte dopo l’accesso.

Scelga l’account {{email}}, come finora."""

_ONE_DAY = """\
Buongiorno {{agent_first_name}},

il Suo accesso con {{provider}} sta per terminare: {{ends}}.

{{waiting}}.

La preghiamo di accedere di nuovo prima di allora, perché nel Suo calendario non manchi nessuna prenotazione. Basta un minuto.

Se dovesse tardare, nulla va perso: le Sue prenotazioni attendono e vengono aggiunte dopo l’accesso.

Scelga l’account {{email}}, come finora."""

_ENDED = """\
Buongiorno {{agent_first_name}},

{{provider}} ha terminato il Suo accesso. Da allora le Sue prenotazioni non arrivano più nel Suo calendario, e la pagina di prenotazione non vede ciò che Lei vi annota.

Ce ne siamo accorti {{ended}}.

{{waiting}}.

La preghiamo di accedere di nuovo. Ciò che attende verrà allora aggiunto da solo; nulla va perso.

Scelga l’account {{email}}, come finora."""

_STILL_WAITING = """\
Buongiorno {{agent_first_name}},

{{waiting}}.

{{provider}} ha terminato il Suo accesso, perciò al momento non si può scrivere nulla nel Suo calendario.

La preghiamo di accedere di nuovo. Ciò che attende verrà allora aggiunto da solo; nulla va perso.

Questo è l’ultimo messaggio in proposito.

Scelga l’account {{email}}, come finora."""

_NEW_CLIENT = """\
Buongiorno {{agent_first_name}},

{{site_name}} ha rinnovato il collegamento con {{provider}}. La preghiamo di accedere ancora una volta, così che il Suo calendario prosegua con quello nuovo.

{{waiting}}.

Il Suo calendario resta com’è, e nulla va perso.

Scelga l’account {{email}}, come finora."""

_INVITATION = """\
Buongiorno {{agent_first_name}},

{{site_name}} può scrivere le Sue prenotazioni nel Suo calendario personale e non offrire più gli orari in cui lì risulta già un impegno.

Acceda una volta con {{provider}}. Gli altri vedono solo quando ha impegni, mai che cosa ha annotato, e nessuno vede la Sua password.

Il link qui sotto è solo per Lei; La preghiamo di non inoltrarlo."""

_CALENDAR_LOST = """\
Buongiorno {{agent_first_name}},

un calendario che ha scelto per {{site_name}} non c’è più o non Le è più accessibile. Finché non ne sceglie un altro, alcune prenotazioni attendono, oppure vengono offerti orari in cui Lei è già occupato.

Acceda con il pulsante qui sotto, come finora con l’account {{email}}, e scelga poi un altro calendario nella Sua pagina. Niente va perso: ciò che attende viene aggiunto da solo."""

_CALENDAR_BACK = """\
Buongiorno {{agent_first_name}},

il Suo calendario e {{site_name}} sono di nuovo allineati. Non deve fare niente."""

LANGUAGE = Language(
    code="it",
    name="Italiano",
    weekdays=("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
    months=(
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ),
    first_day="1º",
    moment="{weekday} {day} {month}, ore {hour}:{minute} ({zone})",
    waiting_one="{count} prenotazione non è ancora nel Suo calendario",
    waiting_many="{count} prenotazioni non sono ancora nel Suo calendario",
    sign_in="Accedi con {provider}",
    sign_in_again="Accedi di nuovo con {provider}",
    address_below="Se il pulsante non funziona, apra questo indirizzo nel Suo browser:",
    why="Riceve questo messaggio perché accetta prenotazioni presso {site}, dove LateSync tiene aggiornati i "
    "calendari.",
    ask="Domande? Si rivolga, presso {site}, a chi si occupa delle prenotazioni.",
    stop="Non ricevere più questi messaggi",
    letters={
        "two_days": Draft("Il Suo accesso al calendario per {{site_name}} termina presto", _TWO_DAYS),
        "one_day": Draft("Il Suo accesso al calendario per {{site_name}} sta per terminare", _ONE_DAY),
        "ended": Draft("Acceda di nuovo: {{site_name}} non raggiunge il Suo calendario", _ENDED),
        "still_waiting": Draft("Prenotazioni di {{site_name}} attendono il Suo calendario", _STILL_WAITING),
        "new_client": Draft("Acceda ancora una volta per {{site_name}}", _NEW_CLIENT),
        "invitation": Draft("Le Sue prenotazioni presso {{site_name}}, nel Suo calendario", _INVITATION),
    },
    alarms={
        "calendar_lost": Draft("Scelga un altro calendario per {{site_name}}", _CALENDAR_LOST),
        "calendar_back": Draft("Il Suo calendario funziona di nuovo per {{site_name}}", _CALENDAR_BACK),
    },
    renew_page=RenewPage(
        title="Accedere di nuovo",
        title_first="Collegare il Suo calendario",
        lead="Un clic porta a {provider}. Dia lì il Suo consenso, e tutto prosegue da solo.",
        lead_first="Un clic porta a {provider}. Dia lì il Suo consenso, e le prenotazioni arrivano nel Suo "
        "calendario.",
        account="Scelga l’account {email}, per favore.",
        no_password="LateSync non chiede nessuna password. Se serve, la scrive solo presso {provider}.",
        nothing_lost="Nulla va perso: ciò che attende viene aggiunto dopo l’accesso.",
        why_ending="{provider} terminerà il Suo accesso {ends}.",
        why_ended="{provider} ha terminato il Suo accesso.",
        why_new_client="{site} ha rinnovato il collegamento con {provider}.",
        done_title="L’accesso è già stato fatto",
        done_text="Il Suo calendario è collegato e tutto prosegue da solo. Può chiudere questa pagina.",
        used_title="Questo link non serve più",
        used_text="Ha già svolto il suo compito, oppure è troppo vecchio. Se l’accesso è terminato, usi il "
        "messaggio più recente o chieda un nuovo link a {site}.",
    ),
    stop_page=StopPage(
        title="Non ricevere più questi messaggi?",
        text="{site} non La avviserebbe più per e-mail quando il Suo accesso al calendario termina. "
        "Le Sue prenotazioni non cambiano.",
        button="Nessun altro messaggio",
        stopped_title="Non riceverà più questi messaggi",
        stopped_text="Se il Suo accesso termina, le Sue prenotazioni attendono finché Lei non accede di nuovo.",
        resume="Ricevere di nuovo questi messaggi",
        resumed_title="Riceve di nuovo questi messaggi",
        resumed_text="Riceverà un avviso prima che il Suo accesso al calendario termini.",
    ),
)
