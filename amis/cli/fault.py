"""What can go wrong around a command, told in a line instead of a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import typer
from sqlalchemy.exc import DBAPIError

from amis.kernel.errors import AmisError
from cards.errors import CardsError

AROUND = (psycopg.Error, DBAPIError, AmisError, CardsError, LookupError, OSError)
"""The database is away, the keys do not open, a setting is missing, the disk refuses."""


def line(error: Exception) -> str:
    """The first line of its message, or its kind when it has none."""
    return next(iter(str(error).splitlines()), type(error).__name__)


@contextmanager
def told() -> Iterator[None]:
    """Ends the command with one line and exit code 1 on such an error."""
    try:
        yield
    except AROUND as error:
        typer.echo(line(error), err=True)
        raise typer.Exit(1) from error
