"""What issuing refuses; the docstring is the message, `code` is stable."""

from amis.kernel.errors import Conflict, Invalid, NotFound


class TokenUnknown(NotFound):
    """There is no such token."""

    code = "token_unknown"


class StatusListUnknown(NotFound):
    """There is no such status list."""

    code = "status_list_unknown"


class NumberInvalid(Invalid):
    """A token number has 16 letters and digits; this one is mistyped."""

    code = "token_number_invalid"


class ReasonUnknown(Invalid):
    """Choose one of the listed reasons."""

    code = "token_reason_unknown"


class PeriodInvalid(Invalid):
    """A token is valid for at least a day and at most 400 days."""

    code = "token_period_invalid"


class StepRefused(Conflict):
    """The state of the token does not allow this step."""

    code = "token_step_refused"


class TokenHeld(Conflict):
    """The token is blocked for misuse or by the office: settle that and unblock it first."""

    code = "token_held"


class NeverRevived(Conflict):
    """A lost or stolen token is never made active again: replace it."""

    code = "token_never_revived"


class TokenThere(Conflict):
    """The person has a token of this kind already: replace it or end it first."""

    code = "token_there"


class NothingGranted(Conflict):
    """The person has no concession now that a token could carry."""

    code = "token_nothing_granted"


class NotShown(Conflict):
    """Only the code of an active token is shown and printed."""

    code = "token_not_shown"
