"""What a report can refuse."""

from amis.kernel.errors import Invalid, Unavailable


class FilterInvalid(Invalid):
    """The report cannot be limited like this."""

    code = "report_filter"


class ReportTooSlow(Unavailable):
    """The report took too long: choose fewer months or try again later."""

    code = "report_too_slow"
