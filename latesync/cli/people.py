"""The client file, the agents and the administrators."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from latesync.cli.opening import opened, print_json
from latesync.errors import WrongInput


@click.group()
def client() -> None:
    """Import or show the OAuth client file."""


@client.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--provider", type=click.Choice(["google"]), default="google", show_default=True)
def import_file(file: Path, provider: str) -> None:
    """Take over the client JSON that Google gave you."""
    with opened() as services:
        from latesync.consent.flow import import_client

        taken = import_client(services.consent_desk(), file.read_bytes())
    click.echo(f"The client {taken.client_id} is in use for new sign-ins.")
    for warning in taken.warnings:
        click.echo(f"Note: {warning}")


@client.command()
@click.option("--json", "as_json", is_flag=True)
def show(as_json: bool) -> None:
    """Show which client is in use, and what must be registered at Google."""
    with opened() as services:
        from latesync.read_overview import read_current_client

        current = read_current_client(services)
        callback = services.config.google_callback
    shown = {
        "client_id": current.client_id if current else None,
        "project_id": current.project_id if current else None,
        "uploaded_at": current.uploaded_at if current else None,
        "problem": current.problem if current else None,
        "redirect_uri": callback,
    }
    if as_json:
        print_json(shown)
        return
    if current is None:
        click.echo("No client file was uploaded yet: `latesync client import FILE`.")
    else:
        click.echo(f"Client {current.client_id} (project {current.project_id or 'unknown'})")
        click.echo(f"Uploaded {current.uploaded_at:%Y-%m-%d %H:%M} UTC")
    click.echo(f"Redirect URI to register at Google: {callback}")


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def agents(context: click.Context, as_json: bool) -> None:
    """List the agents; `latesync agents link ID` prints an agent's personal link."""
    if context.invoked_subcommand is not None:
        return
    with opened() as services:
        from latesync.cli.report import print_status, status_report
        from latesync.read_overview import read_overview

        overview = read_overview(services, services.clock())
        if as_json:
            print_json(status_report(overview)["agents"])
        else:
            print_status(overview)
            click.echo("`latesync agents link ID` prints an agent's personal link.")


@agents.command()
@click.argument("agent_id", type=int, metavar="ID")
@click.option("--new", is_flag=True, help="End every earlier link of this agent.")
def link(agent_id: int, new: bool) -> None:
    """Print an agent's personal sign-in link, valid 30 days or until it is replaced."""
    with opened() as services:
        from latesync.consent.links import make_link_token
        from latesync.latepoint.settings import read_agents
        from latesync.store.people import link_serial, replace_link

        known = {agent.id for agent in read_agents(services.site_engine, services.site.facts().schema)}
        if agent_id not in known:
            raise WrongInput(f"The site has no agent {agent_id}. `latesync agents` lists them.")
        if new:
            replace_link(services.database, services.site_id, agent_id)
        serial = link_serial(services.database, services.site_id, agent_id)
        token = make_link_token(services.secret_key, services.site_id, agent_id, serial)
        click.echo(f"{services.config.base_url}/connect/{token}")


@click.group()
def admin() -> None:
    """Create an administrator."""


@admin.command()
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(email: str, password_stdin: bool) -> None:
    """Create an administrator who may sign in to the web pages."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with opened() as services:
        from latesync.consent.passwords import hash_password
        from latesync.store.people import create_admin

        create_admin(services.database, email, hash_password(password), services.clock())
    click.echo(f"{email} may sign in at {services.config.base_url}/sign-in.")
