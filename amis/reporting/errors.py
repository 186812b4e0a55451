"""What a report can refuse."""

from amis.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class FilterInvalid(Invalid):
    """The report cannot be limited like this."""

    code = "report_filter"


class ReportTooSlow(Unavailable):
    """The report took too long: choose fewer months or try again later."""

    code = "report_too_slow"


class CaseUnknown(NotFound):
    """There are no such wrongly granted days."""

    code = "recovery_case_unknown"


class CaseDecided(Conflict):
    """No use of this case waits for a decision."""

    code = "recovery_case_decided"


class WriteOffReasonMissing(Invalid):
    """Say why it is written off, in at most 500 characters."""

    code = "recovery_reason_missing"


class MonthNotOver(Conflict):
    """A month is closed when it is over."""

    code = "settlement_month_not_over"


class MonthClosed(Conflict):
    """This month is closed already."""

    code = "settlement_month_closed"
