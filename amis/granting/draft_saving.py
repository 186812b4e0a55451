"""Saving the form of a version: a draft is written, or the form comes back with what is wrong."""

from dataclasses import replace

from amis.granting import service
from amis.granting.draft_form import Plain, read_plain
from amis.granting.editor import Editor
from amis.granting.seen import seen_at
from amis.granting.service import RuleDraft, VersionKey
from amis.granting.tree_faults import check
from amis.granting.written_version import Where
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import AmisError, Conflict, Invalid
from rules.vocabulary import Vocabulary

_FIELDS = {"valid_to": "last_day"}


async def save(actor: Actor, where: Where, editor: Editor, vocabulary: Vocabulary) -> str | Editor:
    """The address of the saved draft, or the form with an error beside each wrong field."""
    plain, errors = read_plain(editor)
    faults = {f"{fault.place}:{fault.field}": fault.message for fault in check(editor.tree, vocabulary).faults}
    if plain is None or faults or editor.errors:
        return replace(editor, errors={**errors, **editor.errors, **faults})
    try:
        key = await _written(actor, where, _draft(plain, editor), editor.get("seen"))
    except (Invalid, Conflict) as error:
        return replace(editor, errors=_beside(error))
    return f"/rules/{key.rule_id}/versions/{key.version}?notice=saved"


async def _written(actor: Actor, where: Where, draft: RuleDraft, seen: str) -> VersionKey:
    async with transaction(actor) as tx:
        if where.rule is not None and where.version is not None:
            key = VersionKey(where.rule.id, where.version)
            await service.change_draft(tx, key, draft, seen=seen_at(seen))
            return key
        return await service.draft_rule(tx, draft)


def _draft(plain: Plain, editor: Editor) -> RuleDraft:
    return RuleDraft(
        plain.code,
        plain.concession_code,
        editor.tree,
        plain.legal_clause,
        plain.valid_from,
        plain.valid_to,
        on_becoming=plain.on_becoming,
        on_ceasing=plain.on_ceasing,
        grace_months=plain.grace_months,
        cases=editor.cases,
        note=plain.note,
    )


def _beside(error: AmisError) -> dict[str, str]:
    """The field that a refusal points to; one of the condition stands with the condition as a whole."""
    name = error.pointer.strip("/").partition("/")[0]
    return {_FIELDS.get(name, name) if name != "condition" else ":part": error.title}
