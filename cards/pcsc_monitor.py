"""Watching readers: which there are, and which card came or went; goes on when the resource manager is restarted."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from types import ModuleType, TracebackType
from typing import Self

from cards import pcsc
from cards.errors import ReaderError, ReaderGone

_LOOK = 1.0
"""Seconds after which the list of readers is read again: a reader that came between list and wait wakes nobody."""
_PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds before the resource manager is tried again."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One reader. `events` grows whenever a card comes or goes, so a card taken out and put back is seen."""

    reader: str
    present: bool
    atr: bytes
    events: int


Seen = tuple[Slot, ...]


class Monitor:
    """A thread that tells `on_change` all readers after every change, and an error while none can be seen."""

    def __init__(self, on_change: Callable[[Seen | ReaderError], None]) -> None:
        """`on_change` runs in the monitor's thread and must not block."""
        self._on_change = on_change
        self._stopped = Event()
        self._waiting: tuple[ModuleType, int] | None = None
        self._told: Seen | str | None = None
        self._thread = Thread(target=self._run, name="card readers", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopped.set()
        # A cancel that comes just before the wait begins is lost.
        while self._thread.is_alive():
            if (waiting := self._waiting) is not None:
                waiting[0].SCardCancel(waiting[1])
            self._thread.join(0.02)

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                with pcsc.context() as self._waiting:
                    failures = 0
                    self._watch(*self._waiting)
            except ReaderError as error:
                self._tell(error)
                self._stopped.wait(_PAUSES[min(failures, len(_PAUSES) - 1)])
                failures += 1
            finally:
                self._waiting = None

    def _watch(self, scard: ModuleType, handle: int) -> None:
        known: dict[str, tuple[int, bytes]] = {}
        while not self._stopped.is_set():
            known = {name: known.get(name, (scard.SCARD_STATE_UNAWARE, b"")) for name in pcsc.listed(scard, handle)}
            # A reader unplugged just now: the next list is without it.
            with suppress(ReaderGone):
                known |= _changes(scard, handle, known)
                self._tell(tuple(_slot(scard, name, *state) for name, state in known.items()))

    def _tell(self, seen: Seen | ReaderError) -> None:
        told = seen.code if isinstance(seen, ReaderError) else seen
        if told != self._told:
            self._told = told
            self._on_change(seen)


def _changes(scard: ModuleType, handle: int, known: dict[str, tuple[int, bytes]]) -> dict[str, tuple[int, bytes]]:
    fresh = any(state == scard.SCARD_STATE_UNAWARE for state, _ in known.values())
    asked = [(name, state) for name, (state, _) in known.items()]
    found = pcsc.wait(scard, handle, [*asked, (r"\\?PnP?\Notification", 0)], 0 if fresh else _LOOK)
    return {
        name: (state & ~scard.SCARD_STATE_CHANGED, known[name][1] if atr is None else bytes(atr))
        for name, state, atr in found
        if name in known
    }


def _slot(scard: ModuleType, name: str, state: int, atr: bytes) -> Slot:
    present = bool(state & scard.SCARD_STATE_PRESENT)
    return Slot(name, present, atr if present else b"", state >> 16)
