"""`amis simcard`: a card without a chip, on the virtual reader of this computer's PC/SC service (vpcd)."""

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from cards.errors import CardsError
from cards.simcard.card import VirtualCard
from cards.simcard.keeping import KeptCard, read_card, write_card
from cards.simcard.samples import Sort, counterfeit, new_uid, sample
from cards.simcard.version import Version
from cards.simcard.vpcd import PORT, Slot

app = typer.Typer(help="A virtual card: new, copy, show, run.", no_args_is_help=True)
console = Console()

File = Annotated[Path, typer.Argument(help="The file that the card is kept in.")]


Result = TypeVar("Result")


class Chip(StrEnum):
    """A generation of chip."""

    EV1 = "ev1"
    EV2 = "ev2"


class Size(StrEnum):
    """A size of chip, in kilobytes."""

    TWO = "2"
    FOUR = "4"
    EIGHT = "8"


@app.command()
def new(
    file: File,
    sort: Annotated[Sort, typer.Option(help="What has happened to the card before.")] = Sort.FRESH,
    chip: Annotated[Chip, typer.Option(help="Generation of the chip.")] = Chip.EV1,
    size: Annotated[Size, typer.Option(help="Kilobytes of memory.")] = Size.FOUR,
) -> None:
    """Put a card as it comes from the factory, or one that a desk must turn away, into a new FILE."""
    card = VirtualCard(new_uid(), storage=int(size) * 1024, version=Version[chip.name])
    _create(file, sample(card, sort))


@app.command()
def copy(original: File, file: Annotated[Path, typer.Argument(help="The file for the copy.")]) -> None:
    """Forge the card in ORIGINAL: all that can be read from it, without its keys."""
    _create(file, counterfeit(_finish(lambda: read_card(original))))


def _create(file: Path, card: VirtualCard) -> None:
    if file.exists():
        console.print(f"{file} is there already", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1)
    _finish(lambda: write_card(file, card))
    console.print(f"card {card.uid.hex()} in {file}", markup=False, soft_wrap=True)


@app.command()
def show(file: File) -> None:
    """All that the card in FILE remembers, its keys too, as JSON."""
    typer.echo(_finish(lambda: read_card(file)).saved().decode(), nl=False)


@app.command()
def run(
    file: File,
    port: Annotated[int, typer.Option(help="vpcd's port; its second reader has the next one.")] = PORT,
    host: Annotated[str, typer.Option(help="Where vpcd runs.")] = "127.0.0.1",
) -> None:
    """Lay the card in FILE on the virtual reader; then read orders, one a line, until Ctrl-C or the end of input."""
    slot = Slot(port, host)
    lying = _finish(lambda: KeptCard(file))
    slot.insert(lying)
    console.print(ORDERS, markup=False, soft_wrap=True)
    try:
        for line in sys.stdin:
            lying = _obey(line.split(maxsplit=1), slot, lying)
    except KeyboardInterrupt:
        pass
    finally:
        slot.remove()


ORDERS = "remove | insert | swap FILE | tear N (the card loses its power after N more commands) | end of input: stop"


def _obey(words: list[str], slot: Slot, lying: KeptCard) -> KeptCard:
    match words:
        case ["remove"]:
            slot.remove()
        case ["insert"]:
            slot.insert(lying)
        case ["swap", name]:
            lying = _swapped(slot, lying, Path(name.strip()))
        case ["tear", count] if count.strip().isdecimal() and int(count):
            lying.card.cut(after=int(count))
        case _:
            console.print(ORDERS, markup=False, soft_wrap=True)
    return lying


def _swapped(slot: Slot, lying: KeptCard, file: Path) -> KeptCard:
    try:
        other = KeptCard(file)
    except CardsError as refused:
        console.print(str(refused), style="red", markup=False, soft_wrap=True)
        return lying
    slot.swap(other)
    return other


def _finish(work: Callable[[], Result]) -> Result:
    try:
        return work()
    except CardsError as refused:
        console.print(str(refused), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
