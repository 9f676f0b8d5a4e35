"""`plugin`: the WordPress plugin, from a shell."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from latesync import messages
from latesync.cli.opening import opened, print_json
from latesync.errors import WrongInput
from latesync.plugin import PluginState, connection_string, read_plugin
from latesync.sentences import plugin_sentences


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.option("--connection", is_flag=True, help="Print what to paste into the plugin's settings; a secret.")
@click.option(
    "--zip", "zip_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the plugin's zip here."
)
def plugin(as_json: bool, connection: bool, zip_file: Path | None) -> None:
    """Show how the WordPress plugin does; print its connection string or write its zip on request."""
    if zip_file is not None:
        _write_zip(zip_file)
        if not connection:
            return
    with opened() as services:
        if connection:
            click.echo(connection_string(services))
            return
        state = read_plugin(services)
        now = services.clock()
        if as_json:
            print_json(_report(state, now))
        else:
            _print(state, now)
    sys.exit(1 if state.problems() else 0)


def _write_zip(path: Path) -> None:
    from latesync.bridge.package import PluginMissing, build_zip, plugin_folder

    try:
        content = build_zip(plugin_folder())
    except PluginMissing as exc:
        raise WrongInput(f"{exc} Take the zip from the release you installed.") from exc
    try:
        path.write_bytes(content)
    except OSError as exc:
        raise WrongInput(f"{path} cannot be written: {exc.strerror}.") from exc
    click.echo(f"{path} is written. In WordPress: Plugins → Add New → Upload Plugin.", err=True)


def _report(state: PluginState, now: datetime) -> dict[str, object]:
    heard = state.heard
    return {
        "heard_at": heard.heard_at if heard else None,
        "plugin_version": heard.plugin_version if heard else None,
        "protocol": heard.protocol if heard else None,
        "wordpress_version": heard.wordpress_version if heard else None,
        "latepoint_version": heard.latepoint_version if heard else None,
        "home_url": heard.home_url if heard else None,
        "site_home_url": state.home_url,
        "is_listed": state.is_listed,
        "standing": state.standing(now),
        "other_version": state.other_version(),
        "problems": state.problems(),
    }


def _print(state: PluginState, now: datetime) -> None:
    heard = state.heard
    if heard is None:
        click.echo("The WordPress plugin was never heard from. To connect it:")
        click.echo("1. `latesync plugin --zip latesync-bridge.zip`, then upload that file in WordPress.")
        click.echo("2. `latesync plugin --connection`, then paste the line into the plugin's settings.")
        return
    click.echo(f"Heard from {messages.age(heard.heard_at, now)}.")
    versions = (
        ("Plugin", heard.plugin_version),
        ("LatePoint", heard.latepoint_version),
        ("WordPress", heard.wordpress_version),
        ("Site", heard.home_url),
    )
    for name, value in versions:
        if value:
            click.echo(f"{name}: {value}")
    for problem in state.problems():
        click.echo(f"- {problem}")
    for remark in (plugin_sentences.STANDINGS.get(state.standing(now)), state.other_version()):
        if remark:
            click.echo(f"Note: {remark}")
