"""The command line (design.md §8). A command's module is imported only when it is called for."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from latesync import __version__
from latesync.errors import ConfigurationInvalid, LateSyncError, StateNotReady, WrongInput

# name: (module, what `latesync --help` says of it)
COMMANDS = {
    "demo": ("demo", "Try LateSync on this machine: nothing to configure, nothing leaves it."),
    "web": ("running", "Run the web pages."),
    "worker": ("running", "Run the worker that keeps everything in step."),
    "migrate": ("running", "Bring LateSync's own tables up to date."),
    "sync": ("syncing", "Synchronise now."),
    "plan": ("syncing", "Show what a synchronisation would do, and why; change nothing."),
    "reset": ("reset", "Begin anew with an agent's calendar: look first, then remove or leave out."),
    "status": ("asking", "Show every agent's account and what needs a person."),
    "held": ("held", "Show, release or reject what waits for you, being unusually much at once."),
    "explain": ("explain", "Say why a booking is (not) in the calendar, or why a time is blocked."),
    "history": ("history", "Show what was done, and why; or write all of it as CSV or JSON."),
    "retry": ("history", "Write an event once more that the provider refused."),
    "settings": ("settings", "Show or change how LateSync behaves for the site."),
    "pause": ("pause", "Let everything, or one agent, rest; what happens meanwhile is caught up."),
    "resume": ("pause", "Go on after a pause."),
    "events": ("events", "Show or change what the events in calendars say and look like."),
    "doctor": ("asking", "Check everything, from the clients to the clock."),
    "plugin": ("plugin", "Show the WordPress plugin's state, its connection string, or write its zip."),
    "client": ("client", "Import, replace, try or show what Google and Microsoft know LateSync by."),
    "site": ("site", "Show which booking site this is; say that it has moved, or is a copy."),
    "agents": ("people", "List the agents, or print an agent's personal sign-in link."),
    "mail": ("mail", "Show what LateSync mails, send a test mail, or check the mail server."),
    "admin": ("people", "Create an administrator."),
    "keys": ("keys", "Show or replace the encryption keys of stored sign-ins."),
    "backup": ("backup", "Write everything needed to go on elsewhere into one sealed file."),
    "restore": ("backup", "Bring back what `latesync backup` wrote, here or on another machine."),
    "sandbox": ("running", "Run the pretend Google, or the pretend Microsoft, on its own."),
}


class Commands(click.Group):
    """Imports a command when it is needed, so that `--help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"latesync.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="latesync")
def commands() -> None:
    """LateSync keeps a LatePoint booking site and its agents' own calendars in step."""


def main(arguments: list[str] | None = None) -> None:
    """Exit codes: 0 fine, 1 something needs a person, 2 wrong use."""
    try:
        commands.main(args=arguments, prog_name="latesync")
    except ConfigurationInvalid as exc:
        _leave(["The configuration cannot be used:", *(f"  - {problem}" for problem in exc.problems)], 2)
    except WrongInput as exc:
        _leave([str(exc)], 2)
    except StateNotReady as exc:
        _leave([str(exc)], 1)
    except LateSyncError as exc:
        _leave([_sentence(exc)], 1)


def _sentence(error: LateSyncError) -> str:
    from latesync.sentences.error_sentences import sentence_for

    return sentence_for(error)


def _leave(lines: list[str], code: int) -> Any:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(code)
