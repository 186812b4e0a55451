"""Registries as peers: which there are, what is agreed with each, by which key we ask them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select

from amis.intake import store
from amis.intake.errors import RegistryExists, RegistryUnknown, RegistryUrlInvalid
from amis.intake.spdci_models import Registry
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.keys import STAFF, keystore
from sync.mapping import mapping_from_json
from sync.spdci.key import PrivateKey, draw_key, own_key
from sync.spdci.translate import CODE_TYPES, Profile

_AT_HOME = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two sides agree on: the id of each on the wire, the registry's address, where its answers go.

    `code_types` are its identifier types of the personal code, `number_type` that of its own number of a
    person; `pull_every` is how often it is asked for changes, None where it is not.
    """

    registry_id: str
    own_id: str
    url: str
    answer_uri: str
    code_types: Sequence[str] = CODE_TYPES
    number_type: str | None = None
    pull_every: timedelta | None = None


async def define_registry(tx: Transaction, sender_id: UUID, agreed: Agreement) -> Registry:
    """Makes a sender a registry, with a fresh key of ours to ask it by.

    Raises:
        SenderUnknown, RegistryExists, RegistryUrlInvalid
    """
    sender = await store.get_sender(tx, sender_id)
    _check_address(agreed.url)
    if await tx.session.get(Registry, sender.id) is not None:
        raise RegistryExists
    key = draw_key(f"amis-{new_id().hex[:12]}")
    registry = Registry(
        sender_id=sender.id,
        municipality_id=tx.municipality_id,
        registry_id=agreed.registry_id,
        own_id=agreed.own_id,
        url=agreed.url,
        answer_uri=agreed.answer_uri,
        code_types=list(agreed.code_types),
        number_type=agreed.number_type,
        own_kid=key.kid,
        own_key=keystore().wrap(STAFF, key.seed, _own_place(sender.id)),
        heard_until=None,
        pull_every=agreed.pull_every,
    )
    tx.session.add(registry)
    await tx.session.flush()
    after = {"registry": agreed.registry_id, "own": agreed.own_id, "key": key.kid}
    await audit.record(tx, "registry.define", ("sender", sender.id), after=after)
    return registry


async def get_registry(tx: Transaction, sender_id: UUID) -> Registry:
    """One registry of this municipality.

    Raises:
        RegistryUnknown
    """
    registry = await tx.session.get(Registry, sender_id)
    if registry is None or registry.municipality_id != tx.municipality_id:
        raise RegistryUnknown
    return registry


async def registries(tx: Transaction) -> Sequence[Registry]:
    """The registries of this municipality."""
    query = select(Registry).where(Registry.municipality_id == tx.municipality_id).order_by(Registry.registry_id)
    return (await tx.session.scalars(query)).all()


def signing_key(registry: Registry) -> PrivateKey:
    """Our key towards this registry; `public_jwk()` of it is what the registry gets."""
    return own_key(registry.own_kid, keystore().unwrap(STAFF, registry.own_key, _own_place(registry.sender_id)))


async def profile_of(tx: Transaction, registry: Registry) -> Profile:
    """How its records are read: the agreement, and the statuses of its table."""
    mapping = mapping_from_json((await store.get_sender(tx, registry.sender_id)).mapping)
    return Profile(mapping.source, mapping.statuses.keys(), tuple(registry.code_types), registry.number_type)


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if not (parts.scheme == "https" and parts.hostname) and not (parts.scheme == "http" and parts.hostname in _AT_HOME):
        raise RegistryUrlInvalid


def _own_place(sender_id: UUID) -> bytes:
    return b"registry|own_key|" + sender_id.bytes
