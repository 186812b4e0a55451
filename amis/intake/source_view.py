"""Reads for the page of a source: keys, machine, what its statuses may mean, ranks, its files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from amis.granting.kinship import SOURCE as CLERK
from amis.intake import batch_view, overview, sources, store
from amis.intake.batch_models import Batch
from amis.intake.models import Sender, SenderKey
from amis.intake.overview import SourceSeen
from amis.intake.spdci_models import Registry
from amis.kernel.db import Transaction
from amis.register import store as register
from amis.register.models import FactKindRow
from amis.staff.machine_store import list_machines
from amis.staff.models import Machine, MachinePairing


@dataclass(frozen=True, slots=True)
class Ranked:
    """A kind of fact that a source states: who else may, and their ranks (None: not listed). Empty ranks: all alike."""

    kind: str
    ranks: Mapping[str, int | None]

    @property
    def ordered(self) -> bool:
        """Whether some are believed before others."""
        return any(rank is not None for rank in self.ranks.values())


@dataclass(frozen=True, slots=True)
class SourcePage:
    """All there is to see of a source."""

    sender: Sender
    seen: SourceSeen
    keys: Sequence[SenderKey]
    machine: Machine | None
    pairing: MachinePairing | None
    registry: Registry | None
    kinds: Mapping[str, FactKindRow]
    meanings: Sequence[tuple[str, str]]
    ranked: Sequence[Ranked]
    labels: Mapping[str, str]
    batches: Sequence[Batch]


async def source_page(tx: Transaction, sender_id: UUID) -> SourcePage:
    """A source of this municipality.

    Raises:
        SenderUnknown
    """
    sender = await store.get_sender(tx, sender_id)
    machines = {machine.id: (machine, pairing) for machine, pairing in await list_machines(tx)}
    machine, pairing = machines.get(sender.machine_id, (None, None)) if sender.machine_id else (None, None)
    everybody = await store.senders(tx)
    return SourcePage(
        sender=sender,
        seen=next(one for one in await overview.sources(tx) if one.sender.id == sender.id),
        keys=await sources.keys(tx, sender.id),
        machine=machine,
        pairing=pairing,
        registry=await tx.session.get(Registry, sender.id),
        kinds=await register.fact_kinds(tx),
        meanings=await _meanings(tx),
        ranked=await _ranked(tx, sender, everybody),
        labels={one.source: one.label for one in everybody},
        batches=(await batch_view.batches(tx, sender.id, (), 1))[0][:10],
    )


async def _meanings(tx: Transaction) -> list[tuple[str, str]]:
    """Every kind and value that a status can mean here."""
    words = (await register.vocabulary(tx)).facts
    plain = [kind for kind in words.values() if not kind.numeric]
    return sorted((kind.code, value) for kind in plain for value in sorted(kind.values or {"yes"}))


async def _ranked(tx: Transaction, sender: Sender, everybody: Sequence[Sender]) -> list[Ranked]:
    known = await register.ranks(tx)
    found = []
    for kind in sorted(_kinds(sender)):
        ranks = known.get(kind, ())
        named = [*ranks, *(one.source for one in everybody if kind in _kinds(one)), CLERK]
        found.append(Ranked(kind, {name: ranks.index(name) + 1 if name in ranks else None for name in named}))
    return found


def _kinds(sender: Sender) -> set[str]:
    return {meaning["fact"] for meaning in sender.mapping["statuses"].values()}
