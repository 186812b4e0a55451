"""What is printed for a card: its face, and the letter that goes with it when it is posted."""

from uuid import UUID

from amis.issuing import minting, store
from amis.issuing.card_models import TokenApplication
from amis.issuing.errors import NotEncoded
from amis.issuing.models import Token
from amis.issuing.photo_store import open_photo
from amis.issuing.printing import named_rights
from amis.kernel.db import Transaction
from amis.kernel.models import Municipality
from amis.register import store as register
from amis.web.formats import day, last_day
from cards.face import Face
from cards.letter import Letter
from cards.token import Kind, State

_PRINTABLE = frozenset({State.PRODUCED, State.ISSUED, State.ACTIVE})
LANGUAGE = "lv"
"""The language of what is printed on a card."""


async def face_of(tx: Transaction, token_id: UUID, purpose: str) -> Face:
    """The face of a card that is made already; whose it is is opened for `purpose`, and that is logged.

    Raises:
        TokenUnknown, NotEncoded: a card is written first and printed then. PurposeMissing, PersonErased, PhotoUnknown
    """
    return await _face(tx, await printable(tx, token_id), purpose)


async def ordered_face(tx: Transaction, token: Token, purpose: str) -> Face:
    """The face of a card that a bureau is to make.

    Raises:
        PurposeMissing, PersonErased, PhotoUnknown
    """
    return await _face(tx, token, purpose)


async def card_letter_of(tx: Transaction, token_id: UUID, purpose: str) -> Letter:
    """The letter with which a card is posted; whose it is is opened for `purpose`, and that is logged.

    Raises:
        TokenUnknown, NotEncoded, PurposeMissing, PersonErased
    """
    token = await printable(tx, token_id)
    person = await register.open_person(tx, token.person_id, purpose)
    name = await _municipality(tx)
    rights = minting.promised(await minting.granted_days(tx, token.person_id), tx.day, last_day(token.valid_to))
    said = await named_rights(tx, rights, LANGUAGE)
    return Letter(
        recipient=person.name or person.code_masked,
        address=(),
        municipality=name,
        contact=name,
        number=token.number,
        qr_text=None,
        concessions=tuple(f"{given} – {day(until, LANGUAGE)}" for given, until in said),
        valid_until=last_day(token.valid_to),
        issued_on=tx.day,
        language=LANGUAGE,
    )


async def printable(tx: Transaction, token_id: UUID) -> Token:
    """The card, once its chip is written: a face printed on the wrong chip would be another person's card.

    Raises:
        TokenUnknown, NotEncoded
    """
    token = await store.get_token(tx, token_id)
    if token.kind != Kind.CARD or token.state not in _PRINTABLE or token.keyset is None:
        raise NotEncoded
    return token


async def _face(tx: Transaction, token: Token, purpose: str) -> Face:
    person = await register.open_person(tx, token.person_id, purpose)
    asked = await tx.session.get_one(TokenApplication, token.application_id)
    photo = None if asked.photo_id is None else await open_photo(tx, asked.photo_id, purpose)
    return Face(
        name=person.name or person.code_masked,
        number=token.number,
        municipality=await _municipality(tx),
        valid_until=last_day(token.valid_to),
        issued_on=tx.day,
        photo=photo,
        language=LANGUAGE,
    )


async def _municipality(tx: Transaction) -> str:
    return (await tx.session.get_one(Municipality, tx.municipality_id)).name_lv
