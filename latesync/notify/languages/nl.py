"""Dutch, with “u”."""

# ruff: noqa: E501, S106 (a paragraph is one line; no_password holds none)

from latesync.notify.language import Draft, Language, RenewPage, StopPage

_TWO_DAYS = """\
Beste {{agent_first_name}},

{{provider}} beëindigt uw aanmelding op {{ends}}. Tot dan werkt alles zoals u gewend bent.

{{waiting}}.

Meld u vóór die tijd opnieuw aan, dan blijven uw boekingen zonder onderbreking in uw agenda komen. Het kost een minuut.

Wordt het later, dan gaat er niets verloren: uw boekingen wachten en worden toegevoegd zodra u zich hebt aangemeld.

Kies net als eerder het account {{email}}."""

_ONE_DAY = """\
Beste {{agent_first_name}},

uw aanmelding bij {{provider}} eindigt binnenkort: op {{ends}}.

{{waiting}}.

Meld u vóór die tijd opnieuw aan, zodat er geen boeking in uw agenda ontbreekt. Het kost een minuut.

Wordt het later, dan gaat er niets verloren: uw boekingen wachten en worden toegevoegd zodra u zich hebt aangemeld.

Kies net als eerder het account {{email}}."""

_ENDED = """\
Beste {{agent_first_name}},

{{provider}} heeft uw aanmelding beëindigd. Sindsdien komen uw boekingen niet meer in uw agenda, en de boekingspagina ziet niet wat u daar noteert.

Dat is opgemerkt op {{ended}}.

{{waiting}}.

Meld u alstublieft opnieuw aan. Wat wacht, wordt dan vanzelf toegevoegd; er gaat niets verloren.

Kies net als eerder het account {{email}}."""

_STILL_WAITING = """\
Beste {{agent_first_name}},

{{waiting}}.

{{provider}} heeft uw aanmelding beëindigd, daarom kan er nu niets in uw agenda worden geschreven.

Meld u alstublieft opnieuw aan. Wat wacht, wordt dan vanzelf toegevoegd; er gaat niets verloren.

Dit is het laatste bericht hierover.

Kies net als eerder het account {{email}}."""

_NEW_CLIENT = """\
Beste {{agent_first_name}},

{{site_name}} heeft de verbinding met {{provider}} vernieuwd. Meld u alstublieft nog één keer aan, zodat uw agenda met de nieuwe verbinding verdergaat.

{{waiting}}.

Uw agenda blijft zoals hij is, en er gaat niets verloren.

Kies net als eerder het account {{email}}."""

_INVITATION = """\
Beste {{agent_first_name}},

{{site_name}} kan uw boekingen in uw eigen agenda zetten en geen tijden meer aanbieden waarop u daar al bezet bent.

Meld u daarvoor één keer aan bij {{provider}}. Anderen zien alleen wanneer u bezet bent, nooit wat u hebt genoteerd, en niemand ziet uw wachtwoord.

De link hieronder is alleen voor u bestemd; geef hem niet door."""

_CALENDAR_LOST = """\
Beste {{agent_first_name}},

een agenda die u voor {{site_name}} hebt gekozen, bestaat niet meer of is voor u gesloten. Tot u een andere kiest, wachten er boekingen, of worden er tijden aangeboden waarop u bezet bent.

Meld u aan met de knop hieronder, net als eerder met het account {{email}}, en kies daarna op uw pagina een andere agenda. Er gaat niets verloren: wat wacht, wordt vanzelf toegevoegd."""

_CALENDAR_BACK = """\
Beste {{agent_first_name}},

uw agenda en {{site_name}} lopen weer gelijk. U hoeft niets te doen."""

LANGUAGE = Language(
    code="nl",
    name="Nederlands",
    weekdays=("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    months=(
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
    moment="{weekday} {day} {month} om {hour}:{minute} uur ({zone})",
    waiting_one="{count} boeking staat nog niet in uw agenda",
    waiting_many="{count} boekingen staan nog niet in uw agenda",
    sign_in="Aanmelden met {provider}",
    sign_in_again="Opnieuw aanmelden met {provider}",
    address_below="Werkt de knop niet, open dan dit adres in uw browser:",
    why="U ontvangt dit bericht omdat u boekingen aanneemt bij {site}, waar LateSync de agenda’s gelijk houdt.",
    ask="Vragen? Neem bij {site} contact op met degene die voor de boekingen zorgt.",
    stop="Geen berichten van deze soort meer",
    letters={
        "two_days": Draft("Uw agenda-aanmelding voor {{site_name}} eindigt binnenkort", _TWO_DAYS),
        "one_day": Draft("Uw agenda-aanmelding voor {{site_name}} staat op het punt te eindigen", _ONE_DAY),
        "ended": Draft("Meld u opnieuw aan: {{site_name}} kan uw agenda niet bereiken", _ENDED),
        "still_waiting": Draft("Boekingen van {{site_name}} wachten op uw agenda", _STILL_WAITING),
        "new_client": Draft("Meld u nog één keer aan voor {{site_name}}", _NEW_CLIENT),
        "invitation": Draft("Uw boekingen bij {{site_name}}, in uw eigen agenda", _INVITATION),
    },
    alarms={
        "calendar_lost": Draft("Kies een andere agenda voor {{site_name}}", _CALENDAR_LOST),
        "calendar_back": Draft("Uw agenda werkt weer voor {{site_name}}", _CALENDAR_BACK),
    },
    renew_page=RenewPage(
        title="Opnieuw aanmelden",
        title_first="Uw agenda verbinden",
        lead="Eén klik brengt u naar {provider}. Geef daar toestemming, en alles gaat vanzelf verder.",
        lead_first="Eén klik brengt u naar {provider}. Geef daar toestemming, en uw boekingen komen in uw "
        "agenda.",
        account="Kies alstublieft het account {email}.",
        no_password="LateSync vraagt geen wachtwoord. U typt het hooguit bij {provider}.",
        nothing_lost="Er gaat niets verloren: wat wacht, wordt toegevoegd zodra u zich hebt aangemeld.",
        why_ending="{provider} beëindigt uw aanmelding op {ends}.",
        why_ended="{provider} heeft uw aanmelding beëindigd.",
        why_new_client="{site} heeft de verbinding met {provider} vernieuwd.",
        done_title="U bent al aangemeld",
        done_text="Uw agenda is verbonden en alles gaat vanzelf verder. U kunt deze pagina sluiten.",
        used_title="Deze link is niet meer nodig",
        used_text="Hij heeft zijn werk gedaan of is te oud. Bent u afgemeld, gebruik dan het nieuwste "
        "bericht of vraag {site} om een nieuwe link.",
    ),
    stop_page=StopPage(
        title="Deze berichten niet meer ontvangen?",
        text="{site} zou u niet meer per e-mail waarschuwen wanneer uw agenda-aanmelding eindigt. "
        "Uw boekingen veranderen niet.",
        button="Geen berichten meer",
        stopped_title="U ontvangt deze berichten niet meer",
        stopped_text="Eindigt uw aanmelding, dan wachten uw boekingen tot u zich opnieuw aanmeldt.",
        resume="Deze berichten toch ontvangen",
        resumed_title="U ontvangt deze berichten weer",
        resumed_text="U krijgt bericht voordat uw agenda-aanmelding eindigt.",
    ),
)
