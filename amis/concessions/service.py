"""Writes of the classifier: defining a concession, describing it anew, revising its terms, retiring it."""

from dataclasses import asdict
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from amis.concessions import store
from amis.concessions.drafts import ConcessionDraft, Description, GroupDraft, TermsDraft
from amis.concessions.errors import (
    CodeTaken,
    ConcessionRetired,
    GroupUnknown,
    NotTheGrantor,
    TermsOverlap,
)
from amis.concessions.models import Concession, ConcessionGroup, ConcessionTerms
from amis.kernel import audit, outbox
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id


async def define_group(tx: Transaction, draft: GroupDraft) -> UUID:
    """The acting municipality's group with this code, created or renamed where need be."""
    group = await _group(tx, draft.code)
    if group is None:
        group = ConcessionGroup(id=new_id(), municipality_id=tx.municipality_id, code=draft.code)
        tx.session.add(group)
    elif (group.name_lv, group.name_en) == (draft.name_lv, draft.name_en):
        return group.id
    group.name_lv, group.name_en = draft.name_lv, draft.name_en
    await tx.session.flush()
    await audit.record(tx, "concession_group.define", ("concession_group", group.id), after=asdict(draft))
    return group.id


async def define_concession(tx: Transaction, draft: ConcessionDraft) -> Concession:
    """A new concession of the acting municipality, with revision 1 of its terms.

    Raises:
        ConcessionInvalid, PeriodReversed, GroupUnknown, CodeTaken
    """
    draft.check()
    concession = Concession(id=new_id(), municipality_id=tx.municipality_id, code=draft.code, state="active")
    await _describe(tx, concession, draft.description)
    tx.session.add(concession)
    try:
        await tx.session.flush()
    except IntegrityError as error:
        raise CodeTaken(draft.code, pointer="/code") from error
    after = {"code": draft.code, "public_code": concession.public_code} | _plain(draft.description)
    await audit.record(tx, "concession.define", ("concession", concession.id), after=after)
    await _add_terms(tx, concession, draft.terms, 1)
    return concession


async def describe(tx: Transaction, concession_id: UUID, description: Description) -> bool:
    """Describes a concession anew; whether that changed anything. Code, public code and terms stay.

    Raises:
        ConcessionUnknown, NotTheGrantor, ConcessionInvalid, GroupUnknown
    """
    description.check()
    concession = await _own(tx, concession_id)
    before = described(concession, (await store.get_concession(tx, concession_id)).group.code)
    if before == description:
        return False
    await _describe(tx, concession, description)
    await tx.session.flush()
    subject = ("concession", concession_id)
    await audit.record(tx, "concession.describe", subject, before=_plain(before), after=_plain(description))
    return True


async def revise_terms(tx: Transaction, concession_id: UUID, draft: TermsDraft) -> ConcessionTerms:
    """New terms from their first day on; terms without an end that were in force before end there.

    Raises:
        ConcessionUnknown, NotTheGrantor, ConcessionRetired, PeriodReversed, TermsOverlap
    """
    draft.check()
    concession = await _own(tx, concession_id)
    if concession.state == "retired":
        raise ConcessionRetired
    known = list((await store.get_concession(tx, concession_id)).revisions)
    for row in known:
        await _make_room(tx, row, draft)
    added = await _add_terms(tx, concession, draft, max(row.revision for row in known) + 1)
    await outbox.publish(tx, "concession.terms", str(concession_id), {"concession_id": str(concession_id)})
    return added


async def retire(tx: Transaction, concession_id: UUID, reason: str) -> bool:
    """Takes a concession out of the classifier for new rules and terms; rights already granted run on.

    Raises:
        ConcessionUnknown, NotTheGrantor
    """
    concession = await _own(tx, concession_id)
    if concession.state == "retired":
        return False
    concession.state = "retired"
    await tx.session.flush()
    await audit.record(tx, "concession.retire", ("concession", concession_id), reason=reason)
    return True


def described(concession: Concession, group_code: str) -> Description:
    """What is said of a concession now."""
    fields = [field for field in Description.__slots__ if field != "group_code"]
    return Description(group_code=group_code, **{field: getattr(concession, field) for field in fields})


def _plain(description: Description) -> dict[str, str | None]:
    # the trail is JSON: an amount is written as it is read, with its cents
    said = asdict(description)
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in said.items()}


async def _make_room(tx: Transaction, row: ConcessionTerms, draft: TermsDraft) -> None:
    if row.valid_to is None and row.valid_from < draft.valid_from:
        row.valid_to = draft.valid_from
        await tx.session.flush()
        ended = {"revision": row.revision, "valid_to": row.valid_to.isoformat()}
        before = {"revision": row.revision, "valid_to": None}
        await audit.record(tx, "concession.terms", ("concession", row.concession_id), before=before, after=ended)
    elif (row.valid_to is None or draft.valid_from < row.valid_to) and (
        draft.valid_to is None or row.valid_from < draft.valid_to
    ):
        raise TermsOverlap(f"revision {row.revision}", pointer="/valid_from")


async def _add_terms(tx: Transaction, concession: Concession, draft: TermsDraft, revision: int) -> ConcessionTerms:
    row = ConcessionTerms(
        concession_id=concession.id,
        revision=revision,
        municipality_id=concession.municipality_id,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        discount=draft.discount.to_json(),
        quota=draft.quota.to_json() if draft.quota else None,
        terms=draft.terms.to_json(),
        funding=draft.funding.to_json(),
    )
    tx.session.add(row)
    await tx.session.flush()
    days = {"valid_from": row.valid_from.isoformat(), "valid_to": row.valid_to.isoformat() if row.valid_to else None}
    content = {field: getattr(row, field) for field in ("revision", "discount", "quota", "terms", "funding")} | days
    await audit.record(tx, "concession.terms", ("concession", concession.id), after=content)
    return row


async def _describe(tx: Transaction, concession: Concession, description: Description) -> None:
    group = await _group(tx, description.group_code)
    if group is None:
        raise GroupUnknown(description.group_code, pointer="/group_code")
    concession.group_id = group.id
    for field in Description.__slots__:
        if field != "group_code":
            said = getattr(description, field)
            setattr(concession, field, said.strip() if isinstance(said, str) else said)


async def _own(tx: Transaction, concession_id: UUID) -> Concession:
    concession = await tx.session.scalar(
        select(Concession)
        .where(Concession.municipality_id == tx.municipality_id, Concession.id == concession_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if concession is None:
        await store.get_concession(tx, concession_id)
        raise NotTheGrantor
    return concession


async def _group(tx: Transaction, code: str) -> ConcessionGroup | None:
    return await tx.session.scalar(
        select(ConcessionGroup).where(
            ConcessionGroup.municipality_id == tx.municipality_id, ConcessionGroup.code == code
        )
    )
