"""Adding a source: what it is called on the wire and on pages, and what its statuses mean from the start."""

import re

from amis.granting import applications
from amis.granting.kinship import SOURCE as CLERK
from amis.intake.canary import CANARY
from amis.intake.errors import SourceInvalid, SourceLabelInvalid
from amis.intake.models import Sender
from amis.intake.senders import define_sender
from amis.intake.sources import check_meanings
from amis.kernel.db import Transaction
from amis.kernel.errors import Invalid
from sync.mapping import Mapping

LABEL_LENGTH = range(1, 101)
# A source is a URI reference (CloudEvents 1.0, "source"): no blanks and nothing that is not ASCII.
_SOURCE = re.compile(r"[!-~]{1,256}")
_OURS = frozenset({CLERK, applications.SOURCE, CANARY})
"""Under these names the service itself states facts or measures itself."""


def faults(source: str, label: str) -> list[Invalid]:
    """What is wrong with the names of a source, each with the place it is about."""
    named = _SOURCE.fullmatch(source) and source not in _OURS
    called = len(label) in LABEL_LENGTH and label.isprintable() and not label.isspace()
    return [
        *([] if named else [SourceInvalid(pointer="/source")]),
        *([] if called else [SourceLabelInvalid(pointer="/label")]),
    ]


async def add_source(tx: Transaction, label: str, mapping: Mapping) -> Sender:
    """Lets a source send notices, once it has a key or a machine; nothing is expected of it yet.

    Raises:
        SourceInvalid, SourceLabelInvalid
        MeaningUnknown: a status means what the register here does not know.
        SenderExists
    """
    for fault in faults(mapping.source, label):
        raise fault
    await check_meanings(tx, mapping.statuses)
    return await define_sender(tx, label, mapping)
