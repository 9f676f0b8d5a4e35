"""French, with “vous”."""

# ruff: noqa: E501, S106 (a paragraph is one line; no_password holds none)

from latesync.notify.language import Draft, Language, RenewPage, StopPage

_TWO_DAYS = """\
Bonjour {{agent_first_name}},

{{provider}} mettra fin à votre connexion le {{ends}}. D’ici là, tout fonctionne comme d’habitude.

{{waiting}}.

Merci de vous reconnecter avant : vos réservations continueront d’arriver dans votre agenda sans interruption. Cela prend une minute.

Si vous tardez, rien n’est perdu : vos réservations attendent et seront ajoutées après votre connexion.

Choisissez comme avant le compte {{email}}."""

_ONE_DAY = """\
Bonjour {{agent_first_name}},

votre connexion à {{provider}} prend bientôt fin : le {{ends}}.

{{waiting}}.

Merci de vous reconnecter avant, pour qu’aucune réservation ne manque dans votre agenda. Cela prend une minute.

Si vous tardez, rien n’est perdu : vos réservations attendent et seront ajoutées après votre connexion.

Choisissez comme avant le compte {{email}}."""

_ENDED = """\
Bonjour {{agent_first_name}},

{{provider}} a mis fin à votre connexion. Depuis, vos réservations n’arrivent plus dans votre agenda, et la page de réservation ne voit pas ce que vous y inscrivez.

Cela a été constaté le {{ended}}.

{{waiting}}.

Merci de vous reconnecter. Tout ce qui attend sera alors ajouté automatiquement ; rien n’est perdu.

Choisissez comme avant le compte {{email}}."""

_STILL_WAITING = """\
Bonjour {{agent_first_name}},

{{waiting}}.

{{provider}} a mis fin à votre connexion ; pour le moment, rien ne peut donc être inscrit dans votre agenda.

Merci de vous reconnecter. Tout ce qui attend sera alors ajouté automatiquement ; rien n’est perdu.

C’est le dernier message à ce sujet.

Choisissez comme avant le compte {{email}}."""

_NEW_CLIENT = """\
Bonjour {{agent_first_name}},

{{site_name}} a renouvelé sa liaison avec {{provider}}. Merci de vous connecter encore une fois, pour que votre agenda continue avec la nouvelle.

{{waiting}}.

Votre agenda reste tel qu’il est, et rien n’est perdu.

Choisissez comme avant le compte {{email}}."""

_INVITATION = """\
Bonjour {{agent_first_name}},

{{site_name}} peut inscrire vos réservations dans votre propre agenda, et ne plus proposer les heures où vous y êtes déjà occupé(e).

Connectez-vous une fois avec {{provider}}. Les autres voient seulement quand vous n’êtes pas libre, jamais ce que vous avez inscrit, et personne ne voit votre mot de passe.

Le lien ci-dessous n’est destiné qu’à vous ; merci de ne pas le transmettre."""

_CALENDAR_LOST = """\
Bonjour {{agent_first_name}},

un agenda que vous avez choisi pour {{site_name}} a disparu ou vous est fermé. Tant que vous n’en choisissez pas un autre, des réservations attendent, ou des heures où vous êtes pris sont proposées.

Connectez-vous avec le bouton ci-dessous, comme avant avec le compte {{email}}, puis choisissez un autre agenda sur votre page. Rien n’est perdu : ce qui attend s’ajoute tout seul."""

_CALENDAR_BACK = """\
Bonjour {{agent_first_name}},

votre agenda et {{site_name}} sont de nouveau à jour. Vous n’avez rien à faire."""

LANGUAGE = Language(
    code="fr",
    name="Français",
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    months=(
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    first_day="1er",
    moment="{weekday} {day} {month} à {hour} h {minute} ({zone})",
    waiting_one="{count} réservation n’est pas encore dans votre agenda",
    waiting_many="{count} réservations ne sont pas encore dans votre agenda",
    sign_in="Se connecter avec {provider}",
    sign_in_again="Se reconnecter avec {provider}",
    address_below="Si le bouton ne fonctionne pas, ouvrez cette adresse dans votre navigateur :",
    why="Vous recevez ce message parce que vous prenez des réservations chez {site}, où LateSync tient les "
    "agendas à jour.",
    ask="Une question ? Adressez-vous, chez {site}, à la personne qui s’occupe des réservations.",
    stop="Ne plus recevoir ces messages",
    letters={
        "two_days": Draft("Votre connexion d’agenda pour {{site_name}} prend bientôt fin", _TWO_DAYS),
        "one_day": Draft("Votre connexion d’agenda pour {{site_name}} est sur le point d’expirer", _ONE_DAY),
        "ended": Draft("Merci de vous reconnecter : {{site_name}} n’atteint plus votre agenda", _ENDED),
        "still_waiting": Draft("Des réservations de {{site_name}} attendent votre agenda", _STILL_WAITING),
        "new_client": Draft("Merci de vous connecter encore une fois pour {{site_name}}", _NEW_CLIENT),
        "invitation": Draft("Vos réservations chez {{site_name}}, dans votre agenda", _INVITATION),
    },
    alarms={
        "calendar_lost": Draft("Veuillez choisir un autre agenda pour {{site_name}}", _CALENDAR_LOST),
        "calendar_back": Draft("Votre agenda fonctionne à nouveau pour {{site_name}}", _CALENDAR_BACK),
    },
    renew_page=RenewPage(
        title="Se reconnecter",
        title_first="Relier votre agenda",
        lead="Un clic mène à {provider}. Donnez-y votre accord, et tout continue tout seul.",
        lead_first="Un clic mène à {provider}. Donnez-y votre accord, et vos réservations arrivent dans votre "
        "agenda.",
        account="Merci de choisir le compte {email}.",
        no_password="LateSync ne demande aucun mot de passe. Vous ne le saisissez, au besoin, que chez "
        "{provider}.",
        nothing_lost="Rien n’est perdu : ce qui attend est ajouté après votre connexion.",
        why_ending="{provider} mettra fin à votre connexion le {ends}.",
        why_ended="{provider} a mis fin à votre connexion.",
        why_new_client="{site} a renouvelé sa liaison avec {provider}.",
        done_title="Vous êtes déjà connecté(e)",
        done_text="Votre agenda est relié, et tout continue tout seul. Vous pouvez fermer cette page.",
        used_title="Ce lien n’est plus nécessaire",
        used_text="Il a rempli son rôle, ou il est trop ancien. Si vous êtes déconnecté(e), prenez le message "
        "le plus récent, ou demandez un nouveau lien à {site}.",
    ),
    stop_page=StopPage(
        title="Ne plus recevoir ces messages ?",
        text="{site} ne vous préviendrait plus par e-mail quand votre connexion d’agenda prend fin. "
        "Vos réservations ne changent pas.",
        button="Plus de messages",
        stopped_title="Vous ne recevrez plus ces messages",
        stopped_text="Si votre connexion prend fin, vos réservations attendent que vous vous reconnectiez.",
        resume="Recevoir de nouveau ces messages",
        resumed_title="Vous recevez de nouveau ces messages",
        resumed_text="Vous serez prévenu(e) avant la fin de votre connexion d’agenda.",
    ),
)
