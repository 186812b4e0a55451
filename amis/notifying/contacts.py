"""How a person is reached: read under the person's own key, written by a clerk."""

from dataclasses import dataclass
from uuid import UUID

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.sealed import seal, subject_key, unseal
from amis.notifying import address
from amis.notifying.errors import ChannelUnknown, ChannelWithoutAddress, LanguageUnknown
from amis.notifying.kinds import CHANNELS, Channel
from amis.notifying.models import Contact
from amis.register import store as register
from amis.register.errors import PersonErased
from amis.register.models import Person
from amis.web.i18n import DEFAULT, LANGUAGES

FIELDS = ("email", "phone", "address")
_FIELD_OF = {Channel.EMAIL: "email", Channel.SMS: "phone", Channel.POST: "address"}


@dataclass(frozen=True, slots=True, repr=False)
class Reach:
    """How a person is reached, in clear; `address` are the lines below the name. Empty where nothing is known."""

    email: str = ""
    phone: str = ""
    address: str = ""
    language: str = DEFAULT
    channel: str = Channel.NONE

    def by(self, channel: Channel) -> str:
        """Where a channel leads to; empty where it leads nowhere."""
        return str(getattr(self, _FIELD_OF[channel])) if channel in _FIELD_OF else ""


def checked(typed: Reach) -> Reach:
    """What was typed, brought into one form.

    Raises:
        EmailInvalid, PhoneInvalid, AddressInvalid, LanguageUnknown, ChannelUnknown, ChannelWithoutAddress
    """
    if typed.language not in LANGUAGES:
        raise LanguageUnknown(pointer="/language")
    if typed.channel not in CHANNELS:
        raise ChannelUnknown(pointer="/channel")
    tidy = Reach(
        address.email(typed.email),
        address.phone(typed.phone),
        address.postal(typed.address),
        typed.language,
        typed.channel,
    )
    wish = Channel(typed.channel)
    if wish is not Channel.NONE and not tidy.by(wish):
        raise ChannelWithoutAddress(pointer=f"/{_FIELD_OF[wish]}")
    return tidy


def opened(person: Person, row: Contact | None) -> Reach | None:
    """A contact in clear; None where there is none or the person's data are erased.

    Raises:
        cryptography.exceptions.InvalidTag: the row was damaged.
    """
    if row is None or person.subject_key is None:
        return None
    key = subject_key(person.id, person.subject_key)
    known = {field: getattr(row, f"{field}_sealed") for field in FIELDS}
    clear = {name: unseal(key, "contact", name, person.id, blob) for name, blob in known.items() if blob is not None}
    return Reach(**clear, language=row.language, channel=row.channel)


async def contact_of(tx: Transaction, person_id: UUID) -> Contact | None:
    """The sealed contact of a person."""
    return await tx.session.get(Contact, (tx.municipality_id, person_id))


async def reach_of(tx: Transaction, person: Person) -> Reach | None:
    """How a person is reached; where nothing is written down under their own id, under one that turned out to be them.

    Raises:
        cryptography.exceptions.InvalidTag: a row was damaged.
    """
    ids = await register.also_known_as(tx, await register.standing_for(tx, person.id))
    for known_as in (person.id, *sorted(ids - {person.id})):
        reach = opened(await register.get_person(tx, known_as), await contact_of(tx, known_as))
        if reach is not None:
            return reach
    return None


async def keep(tx: Transaction, person_id: UUID, typed: Reach) -> Reach:
    """Writes down how a person is reached, in place of what was known.

    Raises:
        PersonUnknown, PersonMerged, PersonErased and everything that `checked` raises.
    """
    tidy = checked(typed)
    person = await register.lock_person(tx, person_id)
    if person.subject_key is None:
        raise PersonErased
    key = subject_key(person_id, person.subject_key)
    row = await contact_of(tx, person_id)
    if row is None:
        row = Contact(municipality_id=tx.municipality_id, person_id=person_id)
        tx.session.add(row)
    for field in FIELDS:
        text = getattr(tidy, field)
        setattr(row, f"{field}_sealed", seal(key, "contact", field, person_id, text) if text else None)
    row.language, row.channel, row.changed_at, row.changed_by = tidy.language, tidy.channel, tx.at, tx.actor.id
    await tx.session.flush()
    after = {"channel": tidy.channel, "language": tidy.language} | {name: bool(getattr(tidy, name)) for name in FIELDS}
    await audit.record(tx, "contact.keep", ("person", person_id), after=after)
    return tidy
