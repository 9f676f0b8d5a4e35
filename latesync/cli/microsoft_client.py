"""`client import --provider microsoft`: the app's registration from a file or from questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from latesync.errors import WrongInput
from latesync.options import AccountType
from latesync.sentences import microsoft_file_sentences as sentences

if TYPE_CHECKING:
    from latesync.consent.microsoft_client import MicrosoftClientForm
    from latesync.services import Services

PROVIDER = "microsoft"


def read_typed(file: Path | None, *, interactive: bool) -> MicrosoftClientForm:
    """Raises WrongInput."""
    from latesync.consent.microsoft_file import read_microsoft_file

    if file is not None and interactive:
        raise WrongInput(sentences.NOT_BOTH)
    if file is not None:
        return read_microsoft_file(file.read_bytes())
    if not interactive:
        raise WrongInput(sentences.NO_FILE)
    return _asked()


def import_microsoft(services: Services, typed: MicrosoftClientForm, *, preview: bool) -> None:
    """Take it over, saying what becomes of each account. Raises WrongInput with every mistake."""
    from latesync.client_overview import read_agent_names
    from latesync.consent import client_import, microsoft_client
    from latesync.consent.microsoft_check import check_at_microsoft
    from latesync.plan.client_replacement import Change
    from latesync.sentences import client_sentences

    desk = services.consent_desk()
    taken = microsoft_client.read_form(desk, typed)
    replacement = microsoft_client.look_at_microsoft_client(desk, taken)
    if replacement.change is Change.SAME_FILE:
        click.echo(sentences.SAME)
        return
    check_at_microsoft(services.microsoft, taken, replacement, services.config.microsoft_callback)
    names = read_agent_names(services)
    click.echo(f"App {replacement.client_id}: {client_sentences.question(replacement.change, PROVIDER).text}")
    for line in client_import.preview_lines(replacement, taken, names, provider=PROVIDER):
        click.echo(f"- {line}")
    if preview:
        click.echo("Nothing was changed. The same command without --preview does it.")
        return
    microsoft_client.take_microsoft_client(desk, taken)
    click.echo(client_import.done_line(replacement, names, provider=PROVIDER))


def _asked() -> MicrosoftClientForm:
    from latesync.consent.microsoft_client import MicrosoftClientForm

    ask = sentences.QUESTIONS
    return MicrosoftClientForm(
        client_id=click.prompt(ask["client_id"]),
        account_type=click.prompt(
            ask["account_type"], type=click.Choice([kind.value for kind in AccountType])
        ),
        tenant=click.prompt(ask["tenant"], default="", show_default=False),
        secret=click.prompt(ask["secret"], hide_input=True, default="", show_default=False),
        secret_ends_on=click.prompt(ask["secret_ends_on"], default="", show_default=False),
    )
