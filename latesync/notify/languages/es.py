"""Spanish, with “usted”."""

# ruff: noqa: E501, S106 (a paragraph is one line; no_password holds none)

from latesync.notify.language import Draft, Language, RenewPage, StopPage

_TWO_DAYS = """\
Hola, {{agent_first_name}}:

{{provider}} cerrará su sesión el {{ends}}. Hasta entonces todo funciona como siempre.

{{waiting}}.

Inicie sesión de nuevo antes de esa fecha y sus reservas seguirán llegando a su calendario sin interrupción. Solo lleva un minuto.

Si se retrasa, no se pierde nada: sus reservas esperan y se añaden cuando haya iniciado sesión.

Elija la cuenta {{email}}, como hasta ahora."""

_ONE_DAY = """\
Hola, {{agent_first_name}}:

Su sesión con {{provider}} está a punto de terminar: el {{ends}}.

{{waiting}}.

Inicie sesión de nuevo antes, para que no falte ninguna reserva en su calendario. Solo lleva un minuto.

Si se retrasa, no se pierde nada: sus reservas esperan y se añaden cuando haya iniciado sesión.

Elija la cuenta {{email}}, como hasta ahora."""

_ENDED = """\
Hola, {{agent_first_name}}:

{{provider}} ha cerrado su sesión. Desde entonces sus reservas ya no llegan a su calendario, y la página de reservas no ve lo que usted anota en él.

Se advirtió el {{ended}}.

{{waiting}}.

Inicie sesión de nuevo, por favor. Lo que espera se añadirá entonces por sí solo; no se pierde nada.

Elija la cuenta {{email}}, como hasta ahora."""

_STILL_WAITING = """\
Hola, {{agent_first_name}}:

{{waiting}}.

{{provider}} ha cerrado su sesión, por lo que ahora no se puede escribir nada en su calendario.

Inicie sesión de nuevo, por favor. Lo que espera se añadirá entonces por sí solo; no se pierde nada.

Este es el último mensaje al respecto.

Elija la cuenta {{email}}, como hasta ahora."""

_NEW_CLIENT = """\
Hola, {{agent_first_name}}:

{{site_name}} ha renovado su conexión con {{provider}}. Inicie sesión una vez más, por favor, para que su calendario siga con la nueva.

{{waiting}}.

Su calendario queda como está y no se pierde nada.

Elija la cuenta {{email}}, como hasta ahora."""

_INVITATION = """\
Hola, {{agent_first_name}}:

{{site_name}} puede anotar sus reservas en su propio calendario y dejar de ofrecer las horas que allí ya tiene ocupadas.

Inicie sesión una vez con {{provider}}. Los demás solo ven cuándo tiene horas ocupadas, nunca lo que ha anotado, y nadie ve su contraseña.

El enlace de abajo es solo para usted; no lo comparta, por favor."""

_CALENDAR_LOST = """\
Hola, {{agent_first_name}}:

Un calendario que eligió para {{site_name}} ya no existe o está cerrado para usted. Hasta que elija otro, hay reservas que esperan, o se ofrecen horas en las que está ocupado.

Inicie sesión con el botón de abajo, con la cuenta {{email}} como hasta ahora, y elija después otro calendario en su página. No se pierde nada: lo que espera se añade solo."""

_CALENDAR_BACK = """\
Hola, {{agent_first_name}}:

Su calendario y {{site_name}} vuelven a estar al día. No tiene que hacer nada."""

LANGUAGE = Language(
    code="es",
    name="Español",
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    months=(
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    moment="{weekday} {day} de {month}, {hour}:{minute} h ({zone})",
    waiting_one="{count} reserva aún no está en su calendario",
    waiting_many="{count} reservas aún no están en su calendario",
    sign_in="Iniciar sesión con {provider}",
    sign_in_again="Iniciar sesión de nuevo con {provider}",
    address_below="Si el botón no funciona, abra esta dirección en su navegador:",
    why="Recibe este mensaje porque atiende reservas en {site}, donde LateSync mantiene los calendarios al "
    "día.",
    ask="¿Alguna duda? Pregunte en {site} a quien se ocupa de las reservas.",
    stop="No recibir más mensajes de este tipo",
    letters={
        "two_days": Draft("Su sesión de calendario para {{site_name}} termina pronto", _TWO_DAYS),
        "one_day": Draft("Su sesión de calendario para {{site_name}} está a punto de terminar", _ONE_DAY),
        "ended": Draft("Inicie sesión de nuevo: {{site_name}} no llega a su calendario", _ENDED),
        "still_waiting": Draft("Hay reservas de {{site_name}} que esperan a su calendario", _STILL_WAITING),
        "new_client": Draft("Inicie sesión una vez más para {{site_name}}", _NEW_CLIENT),
        "invitation": Draft("Sus reservas en {{site_name}}, en su propio calendario", _INVITATION),
    },
    alarms={
        "calendar_lost": Draft("Elija otro calendario para {{site_name}}", _CALENDAR_LOST),
        "calendar_back": Draft("Su calendario vuelve a funcionar para {{site_name}}", _CALENDAR_BACK),
    },
    renew_page=RenewPage(
        title="Iniciar sesión de nuevo",
        title_first="Conectar su calendario",
        lead="Un clic lleva a {provider}. Dé allí su permiso y todo sigue por sí solo.",
        lead_first="Un clic lleva a {provider}. Dé allí su permiso y sus reservas llegarán a su calendario.",
        account="Elija la cuenta {email}, por favor.",
        no_password="LateSync no pide ninguna contraseña. Si hace falta, la escribe solo en {provider}.",
        nothing_lost="No se pierde nada: lo que espera se añade cuando haya iniciado sesión.",
        why_ending="{provider} cerrará su sesión el {ends}.",
        why_ended="{provider} ha cerrado su sesión.",
        why_new_client="{site} ha renovado su conexión con {provider}.",
        done_title="Ya ha iniciado sesión",
        done_text="Su calendario está conectado y todo sigue por sí solo. Puede cerrar esta página.",
        used_title="Este enlace ya no hace falta",
        used_text="Ya cumplió su función o es demasiado antiguo. Si su sesión está cerrada, use el mensaje "
        "más reciente o pida un enlace nuevo a {site}.",
    ),
    stop_page=StopPage(
        title="¿No recibir más estos mensajes?",
        text="{site} ya no le avisaría por correo cuando termine su sesión de calendario. "
        "Sus reservas no cambian.",
        button="No más mensajes",
        stopped_title="Ya no recibirá estos mensajes",
        stopped_text="Si su sesión termina, sus reservas esperan hasta que la inicie de nuevo.",
        resume="Volver a recibir estos mensajes",
        resumed_title="Vuelve a recibir estos mensajes",
        resumed_text="Recibirá un aviso antes de que termine su sesión de calendario.",
    ),
)
