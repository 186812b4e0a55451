"""Driving a card procedure over something that answers later: the desk at the other end of a WebSocket."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from typing import TypeVar

from cards.desfire.procedure import Procedure, Step

Result = TypeVar("Result")
Exchange = Callable[[Sequence[Step]], Awaitable[Sequence[bytes]]]
"""Sends one list to the card and gives its answers, up to the first that is not the expected one."""


async def drive(procedure: Procedure[Result], exchange: Exchange) -> Result:
    """Runs `procedure` to its end, one round trip a list; what `exchange` or the procedure raises goes through."""
    with closing(procedure):
        try:
            steps = next(procedure)
            while True:
                steps = procedure.send(await exchange(steps))
        except StopIteration as end:
            result: Result = end.value
            return result
