"""What the classifier refuses; the docstring is the message, `code` is stable."""

from amis.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class ConcessionUnknown(NotFound):
    """There is no such concession."""

    code = "concession_unknown"


class GroupUnknown(Invalid):
    """There is no such group of concessions."""

    code = "concession_group_unknown"


class ConcessionInvalid(Invalid):
    """A concession needs a code of capital letters, digits and hyphens, names, a legal basis and a funder."""

    code = "concession_invalid"


class PeriodReversed(Invalid):
    """The terms end before they begin, or have no day."""

    code = "concession_period_reversed"


class CodeTaken(Conflict):
    """This grantor has a concession with this code already."""

    code = "concession_code_taken"


class TermsOverlap(Conflict):
    """Other terms of this concession are in force on some of these days."""

    code = "concession_terms_overlap"


class ConcessionRetired(Conflict):
    """The concession is retired; its terms change no more."""

    code = "concession_retired"


class NotTheGrantor(Forbidden):
    """Only its grantor may change a concession."""

    code = "concession_of_another_grantor"


class CardInvalid(Invalid):
    """A card product needs a code, names, a legal basis, fees in whole cents and a life of 1 to 600 months."""

    code = "card_product_invalid"


class CardOverlap(Conflict):
    """This card product has other fees on some of these days."""

    code = "card_product_overlap"
