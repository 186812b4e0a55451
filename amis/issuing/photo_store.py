"""Reads of photos: the newest one of a person, one in clear for a purpose, and the same picture of somebody else."""

from uuid import UUID

from sqlalchemy import select

from amis.issuing.card_models import Photo
from amis.issuing.errors import PhotoUnknown
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.errors import PurposeMissing
from amis.kernel.sealed import subject_key, unseal_bytes
from amis.register import store as register
from amis.register.errors import PersonErased


async def get_photo(tx: Transaction, photo_id: UUID) -> Photo:
    """One photo, sealed.

    Raises:
        PhotoUnknown
    """
    query = select(Photo).where(Photo.municipality_id == tx.municipality_id, Photo.id == photo_id)
    row = await tx.session.scalar(query)
    if row is None:
        raise PhotoUnknown
    return row


async def newest_photo(tx: Transaction, person_id: UUID) -> UUID | None:
    """The photo of a person that was taken last; a photo stays with the id under which it was taken."""
    known = await register.also_known_as(tx, person_id)
    query = select(Photo.id).where(Photo.municipality_id == tx.municipality_id, Photo.person_id.in_(known))
    return await tx.session.scalar(query.order_by(Photo.taken_at.desc(), Photo.id.desc()).limit(1))


async def open_photo(tx: Transaction, photo_id: UUID, purpose: str) -> bytes:
    """The JPEG of a photo, for a stated purpose; the reading is logged in this very transaction.

    Raises:
        PurposeMissing, PhotoUnknown, PersonErased
    """
    if not purpose.strip():
        raise PurposeMissing
    row = await get_photo(tx, photo_id)
    person = await register.get_person(tx, row.person_id)
    if person.subject_key is None:
        raise PersonErased
    await audit.record(tx, "photo.read", ("photo", row.id), reason=purpose)
    return unseal_bytes(subject_key(person.id, person.subject_key), "photo", "sealed", row.id, row.sealed)


async def same_picture(tx: Transaction, photo_id: UUID) -> set[UUID]:
    """Other persons who have the very same picture."""
    row = await get_photo(tx, photo_id)
    themselves = await register.also_known_as(tx, await register.standing_for(tx, row.person_id))
    query = select(Photo.person_id).where(
        Photo.municipality_id == tx.municipality_id, Photo.sha256 == row.sha256, Photo.person_id.not_in(themselves)
    )
    return {await register.standing_for(tx, found) for found in await tx.session.scalars(query.distinct())}
