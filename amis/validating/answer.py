"""The answer to a tap: what the driver has to know, and nothing about the holder."""

from decimal import Decimal
from uuid import UUID

import msgspec

from amis.validating.body import Answer, Text
from rules.claim import Decision, Verdict
from rules.screen import screen
from rules.wire import amount

_ENCODER = msgspec.json.Encoder()


def answer(
    seq: int, full: str, decision: Decision, use: UUID | None, *, photo_id: bool = False, hand_in: bool = False
) -> str:
    """The answer as JSON text, kept so that a repeated request gets the very same.

    `full` is one person's full price. `photo_id` as the credential asks; `hand_in` where the token will never work
    again. The discount counts the companions who go along free of charge.
    """
    gross = Decimal(full)
    texts = (screen(decision, gross, language, hand_in=hand_in) for language in ("lv", "en"))
    accepted = decision.verdict is not Verdict.DENY
    content = Answer(
        seq=seq,
        verdict=decision.verdict.value,
        reason=decision.reason.name,
        payable=amount(decision.payable),
        discount=amount(gross * (1 + decision.companions) - decision.payable),
        companions=decision.companions,
        check_photo=accepted and (photo_id or decision.check_photo),
        quota_left=decision.quota_left,
        list_seq=decision.list_seq,
        use=None if use is None else str(use),
        text=Text(*texts),
    )
    return _ENCODER.encode(content).decode()
