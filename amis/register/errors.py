"""What the register refuses; the docstring is the message, `code` is stable."""

from amis.kernel.errors import Conflict, Invalid, NotFound, TooManyRequests


class PersonUnknown(NotFound):
    """There is no such person in the register of this municipality."""

    code = "person_unknown"


class GroupUnknown(NotFound):
    """There is no such group of persons."""

    code = "person_group_unknown"


class CodeInvalid(Invalid):
    """This is not a Latvian personal code."""

    code = "person_code_invalid"


class NameInvalid(Invalid):
    """A name has letters and at most 200 characters."""

    code = "person_name_invalid"


class BirthDateInvalid(Invalid):
    """The birth date contradicts the personal code or lies in the future."""

    code = "person_birth_date_invalid"


class DeathDateInvalid(Invalid):
    """The day of death lies before the birth or in the future."""

    code = "person_death_date_invalid"


class FactKindNarrowed(Invalid):
    """A fact kind of the state keeps its values here, and what is unknown to the state is unknown here too."""

    code = "fact_kind_narrowed"


class FactKindUnknown(Invalid):
    """No fact of this kind is kept here."""

    code = "fact_kind_unknown"


class FactValueUnknown(Invalid):
    """A fact of this kind cannot have this value."""

    code = "fact_value_unknown"


class FactMalformed(Invalid):
    """A fact needs a source, a record id of that source and a version from 1."""

    code = "fact_malformed"


class PeriodReversed(Invalid):
    """The period ends before it begins, or has no day."""

    code = "period_reversed"


class PersonErased(Conflict):
    """The data of this person are erased; nothing more can be recorded."""

    code = "person_erased"


class AlreadyEnrolled(Conflict):
    """A person with this personal code is in the register already."""

    code = "person_already_enrolled"


class CodeTaken(Conflict):
    """This personal code belongs to another person."""

    code = "person_code_taken"


class FactStale(Conflict):
    """A newer version of this record is recorded already."""

    code = "fact_stale"


class FactContradicts(Conflict):
    """The same version of this record was recorded with other content."""

    code = "fact_contradicts"


class FactOfAnother(Conflict):
    """This record of the source is about another person."""

    code = "fact_of_another"


class TooManyLookups(TooManyRequests):
    """Too many look-ups of persons: wait a minute and try again."""

    code = "too_many_lookups"
