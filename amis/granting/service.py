"""Writes of granting, one door for the rooms above: facts with their consequences, rules."""

from amis.granting.applications import (
    ApplicationDraft,
    approve_application,
    refuse_application,
    submit_application,
    withdraw_application,
)
from amis.granting.authority import rank_and_regrant
from amis.granting.bulk import regrant_many
from amis.granting.cases import CaseReport, CaseResult
from amis.granting.drafting import RuleDraft, VersionKey
from amis.granting.figures import (
    set_calendar_and_regrant,
    set_figure_and_regrant,
    set_figures_and_regrant,
    set_group_and_regrant,
)
from amis.granting.kinship import (
    join_household_and_regrant,
    leave_household_and_regrant,
    relate_and_regrant,
    unrelate_and_regrant,
)
from amis.granting.lifecycle import (
    approve,
    change_draft,
    draft_of,
    draft_rule,
    publish,
    retire,
    return_to_draft,
    set_cases,
    submit,
    test,
    try_version,
)
from amis.granting.listing import Applied, apply_list, join_and_regrant, leave_and_regrant
from amis.granting.publishing import Published, publish_rule
from amis.granting.regranting import CHANGED, Cause, Regranted, record_and_regrant, regrant
from amis.granting.rulebook import hold_rules
from amis.granting.suspension import OrderDraft, draft_order, publish_order, withdraw_order
from amis.granting.wholesale import CHANGED_MANY, regrant_everybody
from amis.granting.withdrawal import withdraw_by_hand

__all__ = [
    "CHANGED",
    "CHANGED_MANY",
    "ApplicationDraft",
    "Applied",
    "CaseReport",
    "CaseResult",
    "Cause",
    "OrderDraft",
    "Published",
    "Regranted",
    "RuleDraft",
    "VersionKey",
    "apply_list",
    "approve",
    "approve_application",
    "change_draft",
    "draft_of",
    "draft_order",
    "draft_rule",
    "hold_rules",
    "join_and_regrant",
    "join_household_and_regrant",
    "leave_and_regrant",
    "leave_household_and_regrant",
    "publish",
    "publish_order",
    "publish_rule",
    "rank_and_regrant",
    "record_and_regrant",
    "refuse_application",
    "regrant",
    "regrant_everybody",
    "regrant_many",
    "relate_and_regrant",
    "retire",
    "return_to_draft",
    "set_calendar_and_regrant",
    "set_cases",
    "set_figure_and_regrant",
    "set_figures_and_regrant",
    "set_group_and_regrant",
    "submit",
    "submit_application",
    "test",
    "try_version",
    "unrelate_and_regrant",
    "withdraw_application",
    "withdraw_by_hand",
    "withdraw_order",
]
