"""Rules as a document that can be kept, compared and brought elsewhere: canonical JSON with versions and cases."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from amis.granting import store
from amis.granting.drafting import RuleDraft, VersionKey
from amis.granting.effective import OnBecoming, OnCeasing
from amis.granting.errors import RuleFileInvalid
from amis.granting.lifecycle import draft_rule
from amis.granting.models import RuleVersion
from amis.granting.publishing import publish_rule
from amis.kernel.db import Transaction
from sync.errors import SyncError
from sync.strict_json import strict_json

FORMAT = "amis-rules/1"
_OPTIONAL: Mapping[str, Any] = {
    "valid_to": None,
    "on_becoming": str(OnBecoming.AUTOMATIC),
    "on_ceasing": str(OnCeasing.IMMEDIATE),
    "grace_months": None,
    "cases": [],
    "note": "",
}
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "condition": dict,
    "legal_clause": str,
    "on_becoming": str,
    "on_ceasing": str,
    "grace_months": (int, type(None)),
    "cases": list,
    "note": str,
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a version of a document: drafted, published, or known already."""

    code: str
    version: int
    outcome: str


async def export_rules(tx: Transaction) -> str:
    """The acting municipality's own rules with all their versions, each in its state; equal rules give equal text."""
    views = [view for view in await store.list_rules(tx) if view.names.grantor_id == tx.municipality_id]
    rules = [
        {
            "code": view.names.code,
            "concession": view.names.concession_code,
            "versions": [_version(row) for row in sorted(view.versions, key=lambda row: row.version)],
        }
        for view in views
    ]
    document = {"format": FORMAT, "rules": rules}
    return json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def _version(row: RuleVersion) -> dict[str, Any]:
    values: dict[str, Any] = {
        "version": row.version,
        "state": row.state,
        "sha256": row.sha256,
        "condition": row.condition,
        "legal_clause": row.legal_clause,
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
    }
    values |= {key: getattr(row, key) for key in ("on_becoming", "on_ceasing", "grace_months", "cases", "note")}
    return {key: value for key, value in values.items() if key not in _OPTIONAL or value != _OPTIONAL[key]}


def read_rules(text: bytes) -> list[tuple[str, RuleDraft]]:
    """The versions of a document, oldest first within a rule, each with its place.

    Raises:
        RuleFileInvalid
    """
    try:
        document = strict_json(text)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise RuleFileInvalid(FORMAT, pointer="/format")
        return [
            (f"/rules/{number}/versions/{at}", _draft(rule, version))
            for number, rule in enumerate(document["rules"])
            for at, version in enumerate(rule["versions"])
        ]
    except (SyncError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise RuleFileInvalid(str(error)) from error


def _check(values: Mapping[str, Any], kinds: Mapping[str, type | tuple[type, ...]]) -> None:
    for name, kind in kinds.items():
        if not isinstance(values.get(name, _OPTIONAL.get(name)), kind) or values.get(name) is True:
            raise TypeError(name)


def _draft(rule: Mapping[str, Any], version: Mapping[str, Any]) -> RuleDraft:
    _check(rule, {"code": str, "concession": str})
    _check(version, _KINDS)
    given = {key: version.get(key, value) for key, value in _OPTIONAL.items()}
    end = given.pop("valid_to")
    return RuleDraft(
        rule["code"],
        rule["concession"],
        version["condition"],
        version["legal_clause"],
        date.fromisoformat(version["valid_from"]),
        None if end is None else date.fromisoformat(end),
        **given,
    )


async def import_rules(
    tx: Transaction,
    drafts: Sequence[RuleDraft],
    *,
    publish: bool = False,
    done: Callable[[Imported], None] = lambda imported: None,
) -> list[Imported]:
    """Writes the versions as drafts, or publishes them; those that are there already are left alone.

    `done` hears of each when it is there.

    Raises:
        everything that `draft_rule` or `publish_rule` raise.
    """
    imported = []
    for draft in drafts:
        imported.append(await _import(tx, draft, publish))
        done(imported[-1])
    return imported


async def _import(tx: Transaction, draft: RuleDraft, publish: bool) -> Imported:
    known = await _known(tx, draft)
    if known is not None:
        return Imported(draft.code, known, "known")
    if publish:
        return Imported(draft.code, (await publish_rule(tx, draft)).version, "published")
    key: VersionKey = await draft_rule(tx, draft)
    return Imported(draft.code, key.version, "drafted")


async def _known(tx: Transaction, draft: RuleDraft) -> int | None:
    rule = await store.rule_by_code(tx, draft.code)
    for row in await store.versions_of(tx, rule.id) if rule else ():
        same = (row.condition, row.legal_clause, row.valid_from, row.valid_to)
        if same == (draft.condition, draft.legal_clause, draft.valid_from, draft.valid_to) and (
            row.on_becoming,
            row.on_ceasing,
            row.grace_months,
        ) == (draft.on_becoming, draft.on_ceasing, draft.grace_months):
            return row.version
    return None
