"""Texts that terminals send along with some lines: each has to prove what its line says. None of it is kept."""

from collections.abc import Mapping
from hashlib import sha256

from amis.kernel.errors import AmisError
from amis.validating.body import SERVED_TIER, TapBody, read
from amis.validating.lines import Line
from amis.validating.shown import Evidence, examine
from amis.validating.upload_item import UploadItem, asked
from cards.trust import Trust
from rules.claim import Verdict


def faults(items: list[UploadItem | None], trust: Trust) -> Mapping[int, str]:
    """By the place of a line, which part of its text does not fit: sha, request, signature, token."""
    sampled = [item for item in items if item is not None and item.line.text is not None]
    found = {item.i: _fault(item, trust) for item in sampled}
    return {i: fault for i, fault in found.items() if fault}


def _fault(item: UploadItem, trust: Trust) -> str:
    text = (item.line.text or "").encode()
    if sha256(text).hexdigest() != item.line.sha:
        return "sha"
    try:
        body = read(text, TapBody, range(SERVED_TIER + 1))
    except AmisError:
        return "request"
    if not _same_tap(body, item.line):
        return "request"
    evidence = examine(body.token, trust, item.line.at)
    if evidence.refused is not None:
        # what cannot be read or is not signed may well have been denied
        return "signature" if item.line.verdict is not Verdict.DENY else ""
    return "" if _same_token(evidence, item) else "token"


def _same_tap(body: TapBody, line: Line) -> bool:
    return (body.seq, body.at, body.product, body.companions) == (line.seq, line.at, line.product, line.companions)


def _same_token(evidence: Evidence, item: UploadItem) -> bool:
    """Whether the text shows whose token the line says; a chip that proved itself may name its credential or not."""
    said = asked(item)
    if evidence.uid is not None or said.uid is not None:
        return evidence.uid == said.uid and said.list in (None, evidence.list)
    shown = evidence.number, evidence.list, evidence.index, evidence.cti, evidence.replay
    return shown == (said.number, said.list, said.index, said.cti, said.replay)
