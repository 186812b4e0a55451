"""Reads of issuing: tokens, what they show, their history, and whose signatures count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from amis.granting.models import EntitlementLog
from amis.issuing.errors import NotShown, NumberInvalid, StatusListUnknown, TokenUnknown
from amis.issuing.models import CredentialRow, StatusList, Token
from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.errors import PurposeMissing
from amis.kernel.keys import STATUS
from amis.kernel.models import AuditEntry
from amis.kernel.sealed import subject_key, unseal
from amis.register import store as register
from amis.register.errors import PersonErased
from cards import number
from cards.claims import Right
from cards.errors import Malformed
from cards.keys import KeyStore
from cards.token import State
from cards.trust import CREDENTIALS, STATUS_LISTS, Trust, TrustEntry

ISSUER = "issuer/"
MOST_RECENT = 50
"""Tokens in the list of recent ones."""


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """What an active token shows: the credential's text, and the rights in it."""

    text: str
    rights: tuple[Right, ...]


def _tokens(tx: Transaction) -> Select[Token]:
    return select(Token).where(Token.municipality_id == tx.municipality_id).execution_options(populate_existing=True)


async def get_token(tx: Transaction, token_id: UUID) -> Token:
    """One token.

    Raises:
        TokenUnknown
    """
    return _found(await tx.session.scalar(_tokens(tx).where(Token.id == token_id)))


async def lock_token(tx: Transaction, token_id: UUID) -> Token:
    """One token, locked until the end of the transaction.

    Raises:
        TokenUnknown
    """
    return _found(await tx.session.scalar(_tokens(tx).where(Token.id == token_id).with_for_update()))


def _found(token: Token | None) -> Token:
    if token is None:
        raise TokenUnknown
    return token


async def lock_open_tokens(tx: Transaction, person_id: UUID) -> list[Token]:
    """A person's tokens that have not ended, locked, oldest first."""
    query = _tokens(tx).where(Token.person_id == person_id, Token.state != State.ENDED)
    return list(await tx.session.scalars(query.order_by(Token.id).with_for_update()))


async def losers_with_tokens(
    tx: Transaction, rule_id: UUID, cause_ref: str, log_from: UUID, after: UUID | None, limit: int
) -> list[UUID]:
    """Persons with open tokens who lost days, or the use of some, by one run over the register; by id, after `after`.

    The run is known by its rule, its cause and the least id of what it logged.
    """
    entry = EntitlementLog
    query = (
        select(entry.person_id)
        .join(Token, (Token.municipality_id == entry.municipality_id) & (Token.person_id == entry.person_id))
        .where(
            entry.municipality_id == tx.municipality_id,
            entry.id >= log_from,
            entry.rule_id == rule_id,
            entry.cause_ref == cause_ref,
            or_(entry.change == "changed", func.not_(func.isempty(entry.lost))),
            Token.state != State.ENDED,
            Token.rights_changed.is_(False),
        )
    )
    if after is not None:
        query = query.where(entry.person_id > after)
    return list(await tx.session.scalars(query.distinct().order_by(entry.person_id).limit(limit)))


async def tokens_of(tx: Transaction, person_id: UUID) -> list[Token]:
    """All tokens of a person, newest first."""
    query = _tokens(tx).where(Token.person_id == person_id)
    return list(await tx.session.scalars(query.order_by(Token.requested_at.desc(), Token.id.desc())))


async def recent_tokens(tx: Transaction) -> list[Token]:
    """The tokens requested last, newest first."""
    query = _tokens(tx).order_by(Token.requested_at.desc(), Token.id.desc()).limit(MOST_RECENT)
    return list(await tx.session.scalars(query))


async def find_by_number(tx: Transaction, typed: str) -> UUID | None:
    """The token of this municipality with the number as read out or typed.

    Raises:
        NumberInvalid
    """
    try:
        plain = number.parse_number(typed)
    except Malformed as error:
        raise NumberInvalid(pointer="/number") from error
    return await tx.session.scalar(
        select(Token.id).where(Token.municipality_id == tx.municipality_id, Token.number == plain)
    )


async def successor_of(tx: Transaction, token_id: UUID) -> UUID | None:
    """The token that replaces this one."""
    query = select(Token.id).where(Token.municipality_id == tx.municipality_id, Token.replaces == token_id)
    return await tx.session.scalar(query)


async def newest_credential(tx: Transaction, token_id: UUID, profile: str | None = None) -> CredentialRow | None:
    """The credential that a token shows now; with `profile` the newest of that one."""
    query = select(CredentialRow).where(
        CredentialRow.municipality_id == tx.municipality_id, CredentialRow.token_id == token_id
    )
    if profile is not None:
        query = query.where(CredentialRow.profile == profile)
    return await tx.session.scalar(query.order_by(CredentialRow.generation.desc()).limit(1))


async def credentials_out(tx: Transaction, token_id: UUID) -> list[CredentialRow]:
    """The newest credential of each profile: a letter with a name may be out beside one without."""
    query = (
        select(CredentialRow)
        .where(CredentialRow.municipality_id == tx.municipality_id, CredentialRow.token_id == token_id)
        .ext(distinct_on(CredentialRow.profile))
        .order_by(CredentialRow.profile, CredentialRow.generation.desc())
    )
    return list(await tx.session.scalars(query))


async def open_credential(tx: Transaction, token: Token, purpose: str, profile: str = "S") -> Shown:
    """What an active token shows on paper, for a stated purpose; the reading is logged in this very transaction.

    A card shows nothing: what its chip holds is read from the chip. Nor does what was signed for a phone.

    Raises:
        PurposeMissing, NotShown, PersonErased
    """
    if not purpose.strip():
        raise PurposeMissing
    row = await newest_credential(tx, token.id, profile)
    if row is None or token.state != State.ACTIVE:
        raise NotShown
    key = await key_of(tx, token, row)
    await audit.record(tx, "credential.read", ("token", token.id), reason=purpose)
    shown = unseal(key, "credential", "sealed", row.id, row.sealed)
    return Shown(shown, signed_rights(row))


async def key_of(tx: Transaction, token: Token, row: CredentialRow) -> bytes:
    """The key under which a credential is sealed: that of whoever held the token when it was signed.

    Raises:
        PersonErased
    """
    person = await register.get_person(tx, row.person_id or token.person_id)
    if person.subject_key is None:
        raise PersonErased
    return subject_key(person.id, person.subject_key)


def signed_rights(row: CredentialRow) -> tuple[Right, ...]:
    """What a stored credential promises."""
    return tuple(Right(int(code), date.fromisoformat(str(until))) for code, until in row.rights)


async def history(tx: Transaction, token_id: UUID) -> list[AuditEntry]:
    """What happened to a token, newest first."""
    query = select(AuditEntry).where(
        AuditEntry.municipality_id == tx.municipality_id,
        AuditEntry.subject_kind == "token",
        AuditEntry.subject_id == str(token_id),
        AuditEntry.action.startswith("token."),
    )
    return list(await tx.session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())))


async def status_lists(tx: Transaction) -> Sequence[int]:
    """The numbers of all status lists of the installation."""
    return (await tx.session.scalars(select(StatusList.id).order_by(StatusList.id))).all()


async def marked(tx: Transaction, status_list: int) -> list[tuple[int, int]]:
    """(index, status) of every entry of a list that is not simply valid, across municipalities, by index.

    Raises:
        StatusListUnknown
    """
    if await tx.session.get(StatusList, status_list) is None:
        raise StatusListUnknown
    rows = await tx.session.execute(
        text("SELECT status_index, status FROM statuses_of_list(:wanted)"), {"wanted": status_list}
    )
    return [(index, status) for index, status in rows]


def trust(keys: KeyStore) -> Trust:
    """Whose signatures count: every municipality's issuer keys, and the key of the status lists."""
    named = [(name, CREDENTIALS) for name in keys.names() if name.startswith(ISSUER)] + [(STATUS, STATUS_LISTS)]
    return Trust(
        TrustEntry(public.kid, public.der, name.removeprefix(ISSUER), role)
        for name, role in named
        for public in keys.publics(name)
    )
