"""`client`: the OAuth client file, what replacing it means, and how the app is published at Google."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from latesync.cli.opening import opened, print_json

if TYPE_CHECKING:
    from latesync.client_overview import ClientOverview, ClientUse

PUBLISHING = ("testing", "production", "internal", "unknown")
PROVIDER = click.option("--provider", type=click.Choice(["google"]), default="google", show_default=True)


@click.group()
def client() -> None:
    """Import, replace or show the OAuth client file."""


@client.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@PROVIDER
@click.option("--preview", is_flag=True, help="Only say what would become of each account.")
def import_file(file: Path, provider: str, preview: bool) -> None:
    """Take over the client JSON that Google gave you, saying what becomes of each account."""
    with opened() as services:
        from latesync.client_overview import read_agent_names
        from latesync.consent import client_import
        from latesync.plan.client_replacement import Change
        from latesync.sentences import client_sentences

        desk = services.consent_desk()
        taken = client_import.read_file(desk, file.read_bytes())
        replacement = client_import.look_at(desk, taken)
        if replacement.change is Change.SAME_FILE:
            click.echo(client_import.same_file_line(desk))
            return
        names = read_agent_names(services)
        click.echo(f"Client {replacement.client_id}: {client_sentences.question(replacement.change).text}")
        for line in client_import.preview_lines(replacement, taken, names):
            click.echo(f"- {line}")
        if preview:
            click.echo("Nothing was changed. The same command without --preview does it.")
            return
        client_import.take_client(desk, taken)
        click.echo(client_import.done_line(replacement, names))


@client.command()
@click.argument("status", type=click.Choice(PUBLISHING), required=False)
@PROVIDER
def publishing(status: str | None, provider: str) -> None:
    """Show how the app is published at Google, or say it; LateSync compares it with what it sees."""
    with opened() as services:
        from latesync.client_overview import read_client_overview
        from latesync.errors import WrongInput
        from latesync.options import Publishing
        from latesync.sentences.client_sentences import NO_CLIENT_YET
        from latesync.sentences.consent_sentences import publishing_said
        from latesync.store.clients import list_clients, write_publishing_status

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
@PROVIDER
@click.option("--json", "as_json", is_flag=True)
def show(provider: str, as_json: bool) -> None:
    """Show the clients and how many accounts use each, how the app is published, and the quota used."""
    with opened() as services:
        from latesync.client_overview import read_client_overview

        seen = read_client_overview(services, provider, services.clock())
        callback = services.config.google_callback
    if as_json:
        print_json(_report(seen) | {"redirect_uri": callback})
        return
    _print(seen)
    click.echo(f"Redirect URI to register at Google: {callback}")


def _report(seen: ClientOverview) -> dict[str, Any]:
    from latesync.providers.google.budget import PROJECT_PER_DAY, PROJECT_PER_MINUTE

    current = seen.current.client if seen.current else None
    judgement = seen.judgement
    uses = ([seen.current] if seen.current else []) + list(seen.old)
    return {
        "client_id": current.client_id if current else None,
        "project_id": current.project_id if current else None,
        "uploaded_at": current.uploaded_at if current else None,
        "problem": current.problem if current else None,
        "publishing_status": seen.publishing_status,
        "publishing_seen": judgement.seen if judgement else None,
        "publishing_judgement": judgement.code if judgement else None,
        "renew_once": list(judgement.renew_once) if judgement else [],
        "quota": {
            "used": seen.quota.units,
            "a_day": PROJECT_PER_DAY,
            "busiest_minute": seen.quota.busiest_minute,
            "a_minute": PROJECT_PER_MINUTE,
        },
        "clients": [_use_report(use) for use in uses],
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


def _print(seen: ClientOverview) -> None:
    from latesync.sentences import client_sentences

    if seen.current is None:
        click.echo("No client file was uploaded yet: `latesync client import FILE`.")
    else:
        _print_use("Client", seen.current, client_sentences.users_of_client(seen.current.accounts))
        _print_publishing(seen)
        click.echo(seen.quota_line())
    for use in seen.old:
        _print_use("Old client", use, client_sentences.old_client_kept(use.accounts))


def _print_use(kind: str, use: ClientUse, users: str) -> None:
    from latesync import messages

    row = use.client
    click.echo(f"{kind} {row.client_id} (project {row.project_id or 'unknown'})")
    click.echo(f"Uploaded {row.uploaded_at:%Y-%m-%d %H:%M} UTC. {users}")
    if row.problem:
        click.echo(messages.client_problem(row.problem))


def _print_publishing(seen: ClientOverview) -> None:
    from latesync.sentences import client_sentences

    said = seen.publishing_status
    click.echo(f"How the app is published: {said.value if said else 'not said'}.")
    words = seen.judgement_words()
    if words is not None:
        click.echo(f"{words.title}. {words.text}")
    if seen.renew_once:
        click.echo(client_sentences.renew_by_name(seen.renew_once))
