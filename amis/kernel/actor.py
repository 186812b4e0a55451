"""Who acts: the one value that guards, the audit trail and the tenant filter share."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """A member of staff, a machine, a sender of notices, a holder by their phone, or the system itself.

    `id` is opaque (a UUID or a fixed word); `label` is for people and never a beneficiary's data;
    `municipality_id` is None only for what belongs to no municipality (a provider's terminal, the sequencer).
    """

    kind: Literal["staff", "machine", "sender", "holder", "system"]
    id: str
    label: str
    municipality_id: int | None
    municipality_name: str = ""
    permissions: frozenset[str] = frozenset()

    def may(self, permission: str) -> bool:
        """Whether this actor holds `permission`."""
        return permission in self.permissions


def system(name: str, municipality_id: int | None = None) -> Actor:
    """The service acting by itself; `name` says which part of it."""
    return Actor("system", name, name, municipality_id)
