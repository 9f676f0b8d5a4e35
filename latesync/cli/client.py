"""`client`: what Google and Microsoft know LateSync by, what replacing it means, and how it is published."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from latesync.cli.microsoft_client import import_microsoft, read_typed
from latesync.cli.opening import opened, print_json
from latesync.errors import WrongInput
from latesync.sentences.microsoft_file_sentences import NO_FILE_NAMED, ONLY_MICROSOFT
from latesync.sentences.provider_words import PROVIDERS, company

if TYPE_CHECKING:
    from latesync.client_overview import ClientOverview, ClientUse
    from latesync.store.clients import ClientRow

PUBLISHING = ("testing", "production", "internal", "unknown")
PROVIDER = click.option("--provider", type=click.Choice(PROVIDERS), default="google", show_default=True)


@click.group()
def client() -> None:
    """Import, replace, try or show the OAuth clients: Google's file, Microsoft's app."""


@client.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@PROVIDER
@click.option("--interactive", is_flag=True, help="Ask for each value (Microsoft); the secret stays hidden.")
@click.option("--preview", is_flag=True, help="Only say what would become of each account.")
def import_file(file: Path | None, provider: str, interactive: bool, preview: bool) -> None:
    """Take over a client, saying what becomes of each account.

    Google: the client JSON that Google gave you. Microsoft gives none: a JSON object with client_id, tenant,
    account_type (single, any, any_and_personal, personal), client_secret and secret_ends_on; or
    --interactive.
    """
    if provider == "microsoft":
        typed = read_typed(file, interactive=interactive)
        with opened() as services:
            import_microsoft(services, typed, preview=preview)
        return
    if interactive:
        raise WrongInput(ONLY_MICROSOFT)
    if file is None:
        raise WrongInput(NO_FILE_NAMED)
    _import_google(file, preview=preview)


def _import_google(file: Path, *, preview: bool) -> None:
    with opened() as services:
        from latesync.client_overview import read_agent_names
        from latesync.consent import client_import
        from latesync.consent.providers import GOOGLE
        from latesync.plan.client_replacement import Change
        from latesync.sentences import client_sentences

        desk = services.consent_desk()
        taken = client_import.read_file(desk, file.read_bytes())
        replacement = client_import.look_at(desk, taken)
        if replacement.change is Change.SAME_FILE:
            click.echo(client_import.same_file_line(desk))
            return
        names = read_agent_names(services)
        question = client_sentences.question(replacement.change, GOOGLE)
        click.echo(f"Client {replacement.client_id}: {question.text}")
        for line in client_import.preview_lines(replacement, taken, names, GOOGLE):
            click.echo(f"- {line}")
        if preview:
            click.echo("Nothing was changed. The same command without --preview does it.")
            return
        client_import.take_client(desk, taken)
        click.echo(client_import.done_line(replacement, names, GOOGLE))


@client.command("test")
@PROVIDER
@click.option("--json", "as_json", is_flag=True)
def try_client(provider: str, as_json: bool) -> None:
    """Ask the provider whether it accepts the client; nothing is granted or changed by that."""
    with opened() as services:
        from latesync.consent.client_test import Verdict, ask_about_client
        from latesync.consent.oauth_client import oauth_client
        from latesync.sentences.client_sentences import no_client_yet, provider_says
        from latesync.store.clients import current_client

        row = current_client(services.database, services.box, services.site_id, provider)
        if row is None:
            raise WrongInput(no_client_yet(provider))
        config = services.config
        if provider == "microsoft":
            asked = ask_about_client(services.microsoft, oauth_client(row), config.microsoft_callback)
        else:
            asked = ask_about_client(services.google, oauth_client(row), config.google_callback)
        verdict, word = asked
    if as_json:
        print_json({"provider": provider, "verdict": verdict.name.lower(), "word": word})
    else:
        click.echo(provider_says(provider, verdict.name.lower(), word))
    sys.exit(1 if verdict is Verdict.REFUSED else 0)


@client.command()
@click.argument("status", type=click.Choice(PUBLISHING), required=False)
def publishing(status: str | None) -> None:
    """Show how the app is published at Google, or say it; LateSync compares it with what it sees."""
    with opened() as services:
        from latesync.client_overview import read_client_overview
        from latesync.options import Publishing
        from latesync.sentences.client_sentences import NO_CLIENT_YET
        from latesync.sentences.consent_sentences import publishing_said
        from latesync.store.clients import list_clients, write_publishing_status

        provider = "google"
        rows = list_clients(services.database, services.site_id, provider)
        current = next((row for row in rows if row.is_current), None)
        if current is None:
            raise WrongInput(NO_CLIENT_YET)
        if status is None:
            _print_publishing(read_client_overview(services, provider, services.clock()))
            return
        said = None if status == "unknown" else Publishing(status)
        write_publishing_status(services.database, current.id, said)
        click.echo(publishing_said(said))


@client.command()
@click.option("--provider", type=click.Choice(PROVIDERS), help="Only this one.")
@click.option("--json", "as_json", is_flag=True)
def show(provider: str | None, as_json: bool) -> None:
    """Show the clients and how many accounts use each, how the app is published or when its secret ends, and
    the quota used."""
    with opened() as services:
        from latesync.client_overview import read_client_overview
        from latesync.read_overview import read_zone
        from latesync.store.clients import providers_set_up
        from latesync.times import day_in

        set_up = providers_set_up(services.database, services.site_id)
        wanted = [provider] if provider else list(set_up) or ["google"]
        seen = {name: read_client_overview(services, name, services.clock()) for name in wanted}
        callbacks = {
            "google": services.config.google_callback,
            "microsoft": services.config.microsoft_callback,
        }
        today = day_in(services.clock(), read_zone(services))
    reports = {name: _report(one) | {"redirect_uri": callbacks[name]} for name, one in seen.items()}
    if as_json:
        # As for one provider, and beside it each by its name.
        print_json(reports[wanted[0]] | ({} if provider else {"providers": reports}))
        return
    for name, one in seen.items():
        _print(one, name, today)
        click.echo(f"Redirect URI to register at {company(name)}: {callbacks[name]}")


def _report(seen: ClientOverview) -> dict[str, Any]:
    current = seen.current.client if seen.current else None
    judgement = seen.judgement
    uses = ([seen.current] if seen.current else []) + list(seen.old)
    return {
        "provider": seen.provider,
        "client_id": current.client_id if current else None,
        "tenant": current.tenant if current else None,
        "account_type": current.account_type if current else None,
        "secret_ends_on": seen.secret_ends_on,
        "project_id": current.project_id if current else None,
        "uploaded_at": current.uploaded_at if current else None,
        "problem": current.problem if current else None,
        "publishing_status": seen.publishing_status,
        "publishing_seen": judgement.seen if judgement else None,
        "publishing_judgement": judgement.code if judgement else None,
        "renew_once": list(judgement.renew_once) if judgement else [],
        "quota": _quota(seen),
        "clients": [_use_report(use) for use in uses],
    }


def _quota(seen: ClientOverview) -> dict[str, int] | None:
    """None where no quota holds for all agents together."""
    from latesync.client_overview import PROJECT_QUOTAS
    from latesync.providers.google.budget import PROJECT_PER_DAY, PROJECT_PER_MINUTE

    if seen.provider not in PROJECT_QUOTAS:
        return None
    return {
        "used": seen.quota.units,
        "a_day": PROJECT_PER_DAY,
        "busiest_minute": seen.quota.busiest_minute,
        "a_minute": PROJECT_PER_MINUTE,
    }


def _use_report(use: ClientUse) -> dict[str, Any]:
    row = use.client
    return {
        "client_id": row.client_id,
        "project_id": row.project_id,
        "uploaded_at": row.uploaded_at,
        "is_current": row.is_current,
        "problem": row.problem,
        "accounts": use.accounts,
    }


def _print(seen: ClientOverview, provider: str, today: date) -> None:
    from latesync.sentences import client_sentences

    if seen.current is None:
        click.echo(client_sentences.no_client_yet(provider))
    else:
        _print_use("Client", seen.current, client_sentences.users_of_client(seen.current.accounts))
        if seen.judgement is not None:
            _print_publishing(seen)
        for line in (seen.secret_line(today), seen.quota_line()):
            if line:
                click.echo(line)
    for use in seen.old:
        _print_use("Old client", use, client_sentences.old_client_kept(use.accounts))


def _print_use(kind: str, use: ClientUse, users: str) -> None:
    from latesync.sentences.problem_sentences import client_problem

    row = use.client
    click.echo(f"{kind} {row.client_id} ({_where(row)})")
    came = "Saved" if row.provider == "microsoft" else "Uploaded"
    click.echo(f"{came} {row.uploaded_at:%Y-%m-%d %H:%M} UTC. {users}")
    if row.problem:
        click.echo(client_problem(row.problem, row.provider))


def _where(row: ClientRow) -> str:
    if row.provider == "microsoft":
        return f"tenant {row.tenant or 'any'}, accounts: {row.account_type or 'not said'}"
    return f"project {row.project_id or 'unknown'}"


def _print_publishing(seen: ClientOverview) -> None:
    from latesync.sentences import client_sentences

    said = seen.publishing_status
    click.echo(f"How the app is published: {said.value if said else 'not said'}.")
    words = seen.judgement_words()
    if words is not None:
        click.echo(f"{words.title}. {words.text}")
    if seen.renew_once:
        click.echo(client_sentences.renew_by_name(seen.renew_once))
