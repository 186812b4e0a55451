"""The command `amis`. Sub-commands are imported only when called: a desk or a validator needs no server parts."""

from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS = {
    "account": ("amis.staff.cli:accounts", "Accounts of staff."),
    "audit": ("amis.cli.audit:app", "Verify the audit trail and prove single entries."),
    "cards": ("cards.cli:app", "Cards on this computer's reader: read, make, check, block."),
    "concessions": ("amis.concessions.cli:app", "Concessions: export them."),
    "db": ("amis.cli.database:app", "The database: start, stop, migrate."),
    "demo": ("amis.demo.cli:app", "Show the whole system at work on this machine."),
    "desk": ("cards.desk.cli:app", "An issuing desk: pair, run, readers."),
    "doctor": ("amis.cli.doctor:app", "Check database, migrations, keys, clock and disk."),
    "keys": ("amis.cli.keys:app", "Keys: list, prepare, rotate, retire, compare, lend."),
    "machine": ("amis.validating.fleet_cli:machines", "Terminals, desks and senders: pair, suspend, revoke."),
    "outbound": ("amis.outbound.cli:app", "What flows out: webhooks, sending again."),
    "registries": ("amis.intake.spdci_cli:app", "Social registries: agree with one, exchange keys, ask it."),
    "rules": ("amis.granting.cli:app", "Grant rules: list, explain."),
    "seed": ("amis.cli.seed:app", "Load real concessions and their rules."),
    "serve": ("amis.cli.serve:app", "Serve pages and API."),
    "simcard": ("cards.simcard.cli:app", "A virtual card on a virtual reader."),
    "sopa-sim": ("sync.sopa_cli:app", "A pretend social system that sends on every path."),
    "sources": ("amis.intake.sources_cli:app", "Sources of facts: add them, whose word counts."),
    "sync": ("sync.cli:app", "The sending side: push events, import files, replay, compare."),
    "terminal": ("terminals.cli:app", "A validator: pair, tap."),
    "uploads": ("amis.validating.upload_cli:uploads", "Lines of terminals that cannot send them: import them."),
    "worker": ("amis.cli.worker:app", "Work in the background: audit tree, outbox, periodic jobs."),
}


class Lazy(TyperGroup):
    """A group that knows its sub-commands by name and help, and imports one when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, without importing anything."""
        return sorted(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; without the part of the package that it needs, a word of advice and exit code 1."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        try:
            command = get_command(getattr(import_module(module), attribute))
        except ModuleNotFoundError as missing:
            advice = "pip install 'amis-concessions[server]'"
            typer.echo(f"amis {cmd_name} needs {missing.name}: {advice}", err=True)
            raise typer.Exit(1) from missing
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list of commands, again without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


app = typer.Typer(
    cls=Lazy, no_args_is_help=True, rich_markup_mode=None, add_completion=False, pretty_exceptions_show_locals=False
)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(version("amis-concessions"))
        raise typer.Exit


# Eager: it is answered before the missing command is missed.
_VERSION = typer.Option("--version", is_eager=True, callback=_say_version, help="Say which version this is and end.")


@app.callback()
def amis(_version: Annotated[bool, _VERSION] = False) -> None:
    """AMIS: concessions from a social status to a decision at the bus door."""
