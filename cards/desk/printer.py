"""Printing at a desk: a PDF handed to a queue of CUPS by its own command `lp`."""

import asyncio
from dataclasses import dataclass, field

from cards.desk.message import Print, Printed

_PATIENCE = 60.0
"""Seconds in which `lp` must have taken the job."""


@dataclass(slots=True)
class Printer:
    """One queue. A job that comes again, because the word of its printing got lost, is not printed again."""

    queue: str
    _taken: set[str] = field(default_factory=set)

    async def print(self, job: Print) -> Printed:
        """Hands the job over; `error` says in words why not."""
        if not self.queue:
            return Printed(job.job, "this desk has no printer: amis desk run --printer QUEUE")
        error = None if job.job in self._taken else await self._hand_over(job)
        if error is None:
            self._taken.add(job.job)
        return Printed(job.job, error)

    async def _hand_over(self, job: Print) -> str | None:
        # A card's face has its exact size: no scaling to the paper.
        arguments = ["lp", "-d", self.queue, "-t", f"AMIS {job.job}", "-o", "print-scaling=none"]
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        try:
            lp = await asyncio.create_subprocess_exec(*arguments, stdin=pipe, stdout=nothing, stderr=pipe)
        except FileNotFoundError:
            return "the program lp is missing: apt install cups-client"
        try:
            _, said = await asyncio.wait_for(lp.communicate(job.pdf), _PATIENCE)
        except TimeoutError:
            lp.kill()
            await lp.wait()
            return "the printer's queue does not answer"
        return None if lp.returncode == 0 else said.decode(errors="replace").strip() or f"lp ended with {lp.returncode}"
