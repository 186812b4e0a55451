"""What granting refuses; the docstring is the message, `code` is stable."""

from amis.kernel.errors import Conflict, Invalid, NotFound


class RuleUnknown(NotFound):
    """There is no such rule."""

    code = "rule_unknown"


class RuleCodeInvalid(Invalid):
    """The code of a rule has 2 to 32 capital letters, digits and hyphens and begins with a letter."""

    code = "rule_code_invalid"


class ConditionInvalid(Invalid):
    """The condition of the rule cannot be understood."""

    code = "rule_condition_invalid"


class TableInvalid(Invalid):
    """The decision table cannot be understood."""

    code = "rule_table_invalid"


class RulePeriodInvalid(Invalid):
    """A rule ends after the day on which it begins."""

    code = "rule_period_invalid"


class LegalClauseMissing(Invalid):
    """A rule names the legal clause it rests on."""

    code = "rule_legal_clause_missing"


class StateRuleWithGroup(Invalid):
    """A rule of the state cannot rest on a list that one municipality keeps."""

    code = "rule_state_with_group"


class PolicyInvalid(Invalid):
    """A period of grace has from 1 to 1200 months; the other ways to end have none."""

    code = "rule_policy_invalid"


class CaseInvalid(Invalid):
    """A test case names a person by facts, and the days that are expected."""

    code = "rule_case_invalid"


class CaseFails(Conflict):
    """A test case of the version gives other days than are expected."""

    code = "rule_case_fails"


class VersionStateWrong(Conflict):
    """This step is not possible in the present state of the version."""

    code = "rule_version_state_wrong"


class VersionChanged(Conflict):
    """Somebody has changed this version since you opened it: read it again."""

    code = "rule_version_changed"


class VersionOverlaps(Conflict):
    """Another version for some of the same days is being reviewed: settle that one first."""

    code = "rule_version_overlaps"


class VersionSuperseded(Conflict):
    """A newer version for some of the same days is in force already: write this one anew."""

    code = "rule_version_superseded"


class ExclusiveGroupConflict(Conflict):
    """Another concession of the same exclusive group has the same priority: neither would be preferred."""

    code = "rule_exclusive_group_conflict"


class RuleFileInvalid(Invalid):
    """The file of rules cannot be understood."""

    code = "rule_file_invalid"


class FourEyes(Conflict):
    """A rule is approved by somebody else than its author."""

    code = "rule_four_eyes"


class ConcessionRuled(Conflict):
    """Another rule grants this concession already: put the alternatives into one condition."""

    code = "rule_concession_ruled"


class FactNotByHand(Conflict):
    """Only a fact that was entered by hand can be withdrawn here; the source of the others withdraws its own."""

    code = "fact_not_by_hand"


class OrderUnknown(NotFound):
    """There is no such suspension order."""

    code = "suspension_order_unknown"


class OrderCodeTaken(Conflict):
    """Another suspension order has this code."""

    code = "suspension_order_code_taken"


class OrderInvalid(Invalid):
    """The suspension order cannot be kept like this."""

    code = "suspension_order_invalid"


class OrderStateWrong(Conflict):
    """The suspension order is no longer in a state in which this can be done."""

    code = "suspension_order_state"


class OrderBegun(Conflict):
    """An order cannot stop uses that have been made: it begins today or later."""

    code = "suspension_order_begun"


class OrderFourEyes(Conflict):
    """A suspension order is published by somebody else than its author."""

    code = "suspension_order_four_eyes"


class ApplicationUnknown(NotFound):
    """There is no such application."""

    code = "application_unknown"


class ApplicationDecided(Conflict):
    """The application has been decided already."""

    code = "application_decided"


class ApplicationRepeated(Conflict):
    """An application for this concession is open or approved already."""

    code = "application_repeated"


class NotByApplication(Invalid):
    """This concession is not granted on application."""

    code = "concession_not_by_application"


class ChoiceInvalid(Invalid):
    """Choose one of the modes of transport that the concession offers."""

    code = "application_choice_invalid"


class ApplicantNotGuardian(Conflict):
    """Only the person or a guardian may apply."""

    code = "application_not_by_guardian"


class HouseholdLimit(Conflict):
    """The household has as many of this concession as it may."""

    code = "household_limit"


class ReasonMissing(Invalid):
    """Say why, in at most 500 characters."""

    code = "granting_reason_missing"
