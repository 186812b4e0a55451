"""Terminals of a simulation, each before a backend of its own."""

from decimal import Decimal
from pathlib import Path

import httpx

from terminals.agent import Terminal
from terminals.clock import Clock
from terminals.message import Answer
from terminals.simulator.network import Network
from terminals.simulator.stand import FARE, Stand
from tests.terminals.backend import Backend


async def stand_at(backend: Backend, home: Path) -> Stand:
    """A paired terminal of this backend, whose network can be cut."""
    await backend.terminal(home)
    network = Network(httpx.MockTransport(backend.answer))
    http = httpx.AsyncClient(transport=network)
    terminal = Terminal(home, http, clock=Clock(lambda: backend.at), say=lambda _: None)
    return Stand(terminal, network, FARE)


def answer(verdict: str = "ACCEPT", reason: str = "OK", *, online: bool = True) -> Answer:
    """An answer to some tap."""
    return Answer(1, verdict, reason, Decimal(0), None, False, None, {"lv": "", "en": ""}, online=online)
