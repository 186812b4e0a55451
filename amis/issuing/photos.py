"""Taking a person's photo into keeping."""

from hashlib import sha256
from uuid import UUID

from amis.issuing.card_models import Photo
from amis.issuing.photo_store import open_photo
from amis.issuing.reasons import of_list
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.sealed import seal_bytes, subject_key
from amis.register import store as register
from amis.register.errors import PersonErased
from cards.portrait import Portrait

SOURCES = ("camera", "upload")

__all__ = ["SOURCES", "open_photo", "take_photo"]


async def take_photo(tx: Transaction, person_id: UUID, portrait: Portrait, source: str) -> Photo:
    """Keeps a photo, sealed with the person's own key; earlier ones stay with the cards they were made for.

    Raises:
        PersonUnknown, PersonErased, ReasonUnknown: it comes neither from a camera nor from a file.
    """
    person = await register.lock_person(tx, person_id)
    if person.subject_key is None:
        raise PersonErased
    row = Photo(
        id=new_id(),
        municipality_id=tx.municipality_id,
        person_id=person.id,
        sealed=b"",
        sha256=sha256(portrait.jpeg).digest(),
        taken_at=tx.at,
        source=of_list(source, SOURCES, "source"),
    )
    row.sealed = seal_bytes(subject_key(person.id, person.subject_key), "photo", "sealed", row.id, portrait.jpeg)
    tx.session.add(row)
    await tx.session.flush()
    taken = {"person_id": str(person.id), "source": source, "sha256": row.sha256.hex()}
    await audit.record(tx, "photo.take", ("photo", row.id), after=taken)
    return row
