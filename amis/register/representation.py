"""Who may act for somebody else: a guardian for the ward, a parent for a child who is a minor.

Civil Law of Latvia: sections 177 and 186 (parents represent their child), 219 (a person is a minor until the age of
18), 222 and following (guardians of minors), 354 and following (trustees of adults).
"""

from datetime import date
from uuid import UUID

from amis.kernel.db import Transaction
from amis.register.errors import PersonUnknown
from amis.register.kinship import Link, links_of
from amis.register.models import Person
from rules.figure import birthday

FULL_AGE = 18
"""Years."""


async def represents(tx: Transaction, representative_id: UUID, person_id: UUID, day: date) -> bool:
    """Whether somebody may act for a person on a local day. Nobody needs to represent themselves.

    Raises:
        PersonUnknown
    """
    return representative_id in await representatives(tx, person_id, day)


async def representatives(tx: Transaction, person_id: UUID, day: date) -> set[UUID]:
    """Those who may act for a person on a local day: guardians always, parents up to the age of 18.

    Whose birth date is not known is taken for an adult.

    Raises:
        PersonUnknown
    """
    person = await tx.session.get(Person, person_id)
    if person is None or person.municipality_id != tx.municipality_id:
        raise PersonUnknown
    kinds = {"guardian", "parent"} if _is_minor(person, day) else {"guardian"}
    links = [link for link in await links_of(tx, {person_id}) if link.kind in kinds and _on(link, day)]
    return {link.other_id for link in links}


def _is_minor(person: Person, day: date) -> bool:
    if person.born is None:
        return False
    of_age = birthday(person.born, FULL_AGE)
    return of_age is None or day < of_age


def _on(link: Link, day: date) -> bool:
    return link.valid_from <= day and (link.valid_to is None or day < link.valid_to)
