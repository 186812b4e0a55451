"""Writes of granting, one door for the rooms above: facts with their consequences, rules."""

from amis.granting.listing import join_and_regrant, leave_and_regrant
from amis.granting.publishing import Published, RuleDraft, publish_rule, regrant_everybody
from amis.granting.regranting import CHANGED, Cause, Regranted, record_and_regrant, regrant
from amis.granting.store import hold_rules
from amis.granting.withdrawal import withdraw_by_hand

__all__ = [
    "CHANGED",
    "Cause",
    "Published",
    "Regranted",
    "RuleDraft",
    "hold_rules",
    "join_and_regrant",
    "leave_and_regrant",
    "publish_rule",
    "record_and_regrant",
    "regrant",
    "regrant_everybody",
    "withdraw_by_hand",
]
