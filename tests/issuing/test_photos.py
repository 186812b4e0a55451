"""Photos are sealed with the key of whom they show, and each reading is logged."""

from uuid import UUID

import pytest
from psycopg import AsyncConnection
from sqlalchemy import select

from amis.issuing import photo_store, service
from amis.issuing.errors import PhotoUnknown, ReasonUnknown
from amis.issuing.photos import open_photo
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import PurposeMissing
from amis.kernel.models import AuditEntry
from amis.register import service as register
from amis.register.errors import PersonErased
from cards.portrait import Portrait
from tests.issuing.town import CLERK, CODES, acting, enrolled

pytestmark = pytest.mark.usefixtures("town")
FACE = Portrait(b"\xff\xd8 a face \xff\xd9")


async def kept(person_id: UUID, portrait: Portrait = FACE, source: str = "upload") -> UUID:
    """A photo of the person in keeping."""
    return (await acting(lambda tx: service.take_photo(tx, person_id, portrait, source))).id


async def test_a_photo_is_opened_for_a_purpose_and_the_reading_is_logged(
    town: Actor, owner_connection: AsyncConnection
) -> None:
    person = await enrolled()
    photo = await kept(person)
    assert await acting(lambda tx: open_photo(tx, photo, "check")) == FACE.jpeg
    with pytest.raises(PurposeMissing):
        await acting(lambda tx: open_photo(tx, photo, " "))
    with pytest.raises(PhotoUnknown):
        await acting(lambda tx: open_photo(tx, person, "check"))
    async with transaction(CLERK) as tx:
        query = select(AuditEntry.action).where(AuditEntry.subject_id == str(photo)).order_by(AuditEntry.id)
        assert list(await tx.session.scalars(query)) == ["photo.take", "photo.read"]
    cursor = await owner_connection.execute("SELECT sealed FROM photo")
    assert all(b"a face" not in row[0] for row in await cursor.fetchall())


async def test_the_newest_photo_is_the_one_that_counts_and_the_same_picture_of_another_is_noticed(town: Actor) -> None:
    anna, juris = await enrolled(), await enrolled(CODES[0], "Juris Ozols")
    await kept(anna, Portrait(b"old"))
    new, other = await kept(anna, source="camera"), await kept(juris)
    assert await acting(lambda tx: photo_store.newest_photo(tx, anna)) == new
    assert await acting(lambda tx: photo_store.same_picture(tx, new)) == {juris}
    assert await acting(lambda tx: photo_store.same_picture(tx, other)) == {anna}
    with pytest.raises(ReasonUnknown):
        await kept(anna, source="drawn")


async def test_with_the_person_the_photo_is_gone(town: Actor) -> None:
    anna = await enrolled()
    photo = await kept(anna)
    await acting(lambda tx: register.erase(tx, anna))
    with pytest.raises(PersonErased):
        await acting(lambda tx: open_photo(tx, photo, "check"))
    with pytest.raises(PersonErased):
        await kept(anna)
