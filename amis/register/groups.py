"""Groups of persons: lists that somebody keeps, and conditions that make a member of whoever meets them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from amis.kernel import audit
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.register import store
from amis.register.errors import GroupConditionRefused, GroupIsList, GroupMalformed, GroupTaken
from amis.register.models import Membership, PersonGroup
from rules.condition import canonical
from rules.errors import Refused
from rules.group import define

_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """A group to keep: a lower-case code, its names, what the law calls them.

    `condition` is the JSON of `rules.condition`; without one the group is a list.
    """

    code: str
    name_lv: str
    name_en: str
    condition: Mapping[str, Any] | None = None
    legal_name: str = ""


async def define_group(tx: Transaction, draft: GroupDraft) -> UUID:
    """The group with this code, created or changed where need be.

    Raises:
        GroupMalformed, GroupConditionRefused: with the place in the condition, a cycle of groups too.
        GroupIsList: persons are on its list, so it cannot be given a condition.
        GroupTaken: somebody else makes it at this moment.
    """
    condition = await _checked(tx, draft)
    wanted = _shown(draft.name_lv, draft.name_en, draft.legal_name, condition)
    group = await tx.session.scalar(
        select(PersonGroup).where(PersonGroup.municipality_id == tx.municipality_id, PersonGroup.code == draft.code)
    )
    before = None if group is None else _shown(group.name_lv, group.name_en, group.legal_name, group.condition)
    if group is None:
        group = PersonGroup(id=new_id(), municipality_id=tx.municipality_id, code=draft.code)
        tx.session.add(group)
    elif before == wanted:
        return group.id
    elif condition is not None and await _has_members(tx, group.id):
        raise GroupIsList(draft.code, pointer="/condition")
    group.name_lv, group.name_en, group.legal_name = draft.name_lv, draft.name_en, draft.legal_name
    group.condition = condition
    try:
        await tx.session.flush()
    except IntegrityError as error:  # somebody else's group came first
        raise GroupTaken(draft.code, pointer="/code") from error
    store.forget_vocabulary(tx)
    after = {"code": draft.code} | wanted
    await audit.record(tx, "person_group.define", ("person_group", group.id), before=before, after=after)
    return group.id


def _shown(name_lv: str, name_en: str, legal_name: str, condition: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"name_lv": name_lv, "name_en": name_en, "legal_name": legal_name, "condition": condition}


async def _checked(tx: Transaction, draft: GroupDraft) -> dict[str, Any] | None:
    """The condition in canonical form, read together with those of the other groups, as they may name each other."""
    if not _CODE.fullmatch(draft.code):
        raise GroupMalformed(draft.code, pointer="/code")
    for name in ("name_lv", "name_en"):
        if not getattr(draft, name).strip():
            raise GroupMalformed(pointer=f"/{name}")
    if draft.condition is None:
        return None
    documents = await store.group_conditions(tx) | {draft.code: draft.condition}
    try:
        read = define(documents, await store.words_of_conditions(tx)).definitions
    except Refused as error:
        raise GroupConditionRefused(str(error), pointer=f"/condition{error.place}") from error
    found: dict[str, Any] = json.loads(canonical(read[draft.code]))
    return found


async def _has_members(tx: Transaction, group_id: UUID) -> bool:
    believed = (
        Membership.municipality_id == tx.municipality_id,
        Membership.group_id == group_id,
        Membership.recorded_to.is_(None),
    )
    return bool(await tx.session.scalar(select(exists().where(*believed))))
