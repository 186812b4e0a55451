"""`amis machine fleet` and `approve-fleet`: many terminals at once, by two files of the operator's."""

from pathlib import Path
from typing import Annotated, NoReturn
from uuid import UUID

import typer

from amis.kernel.db import transaction
from amis.staff.cli import machines
from amis.staff.command import NOBODY, run, tenant
from amis.validating import fleet as fleets
from cards.keys.atomic import replace_file

FINGERPRINTS = ".fingerprints"
Municipality = Annotated[str, typer.Option(help="The code of their municipality; none for a provider's own.")]
_MOST = 10_000


@machines.command()
def fleet(
    file: Annotated[Path, typer.Argument(help="Where the codes are written to; it must not be there yet.")],
    provider: Annotated[str, typer.Option(help="The provider's code.")],
    place: Annotated[str, typer.Option(help="The code of the place at which they validate.")],
    count: Annotated[int, typer.Option(min=1, max=_MOST, help="How many.")],
    label: Annotated[str, typer.Option(help="What people call them; each gets a number.")] = "fleet",
    municipality: Municipality = "",
) -> None:
    """Make many terminals with their pairing codes, which work once, within 10 minutes.

    A line of FILE is the terminal's id, its code, and carrier or venue. `amis terminal simulate` reads it.
    """
    if file.exists():
        _stop(f"{file} is there already")

    async def work() -> list[fleets.Enlisted]:
        async with transaction(await tenant(municipality) if municipality else NOBODY) as tx:
            made = await fleets.enlist_fleet(tx, provider, place, label, count)
            # where it cannot be written, nobody would ever know the codes
            _write(file, "".join(f"{one.terminal_id} {one.code} {one.kind}\n" for one in made))
            return made

    typer.echo(f"{len(run(work))} terminals")


@machines.command("approve-fleet")
def approve_fleet(
    file: Annotated[Path, typer.Argument(help="The file of `amis machine fleet`; FILE.fingerprints is read.")],
    municipality: Municipality = "",
) -> None:
    """Accept the keys of a fleet whose fingerprints its terminals have written to FILE.fingerprints: all, or none.

    A line is the terminal's id and its fingerprint. Who can write that file can pair terminals: keep it to yourself.
    """
    found = _fingerprints(Path(f"{file}{FINGERPRINTS}"))

    async def work() -> int:
        async with transaction(await tenant(municipality) if municipality else NOBODY) as tx:
            return await fleets.approve_fleet(tx, found)

    typer.echo(f"{run(work)} approved")


def _fingerprints(file: Path) -> dict[UUID, str]:
    try:
        pairs = [line.split() for line in file.read_text().splitlines()]
        return {UUID(machine): fingerprint for machine, fingerprint in pairs}
    except OSError as error:
        _stop(f"{file}: {error.strerror}")
    except ValueError:
        _stop(f"{file}: an id and a fingerprint a line are expected")


def _write(file: Path, content: str) -> None:
    try:
        replace_file(file, content.encode())
    except OSError as error:
        _stop(f"{file}: {error.strerror}")


def _stop(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)
