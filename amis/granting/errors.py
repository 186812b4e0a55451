"""What granting refuses; the docstring is the message, `code` is stable."""

from amis.kernel.errors import Conflict, Invalid, NotFound


class RuleUnknown(NotFound):
    """There is no such rule."""

    code = "rule_unknown"


class ConditionInvalid(Invalid):
    """The condition of the rule cannot be understood."""

    code = "rule_condition_invalid"


class RulePeriodInvalid(Invalid):
    """A rule ends after the day on which it begins."""

    code = "rule_period_invalid"


class LegalClauseMissing(Invalid):
    """A rule names the legal clause it rests on."""

    code = "rule_legal_clause_missing"


class StateRuleWithGroup(Invalid):
    """A rule of the state cannot rest on a list that one municipality keeps."""

    code = "rule_state_with_group"


class FourEyes(Conflict):
    """A rule is approved by somebody else than its author."""

    code = "rule_four_eyes"


class ConcessionRuled(Conflict):
    """Another rule grants this concession already: put the alternatives into one condition."""

    code = "rule_concession_ruled"


class FactNotByHand(Conflict):
    """Only a fact that was entered by hand can be withdrawn here; the source of the others withdraws its own."""

    code = "fact_not_by_hand"
