"""What the register refuses; the docstring is the message, `code` is stable."""

from amis.kernel.errors import Conflict, Invalid, NotFound, TooManyRequests


class PersonUnknown(NotFound):
    """There is no such person in the register of this municipality."""

    code = "person_unknown"


class GroupUnknown(NotFound):
    """There is no such group of persons."""

    code = "person_group_unknown"


class GroupMalformed(Invalid):
    """A group needs a lower-case code and names in both languages."""

    code = "person_group_malformed"


class GroupTaken(Conflict):
    """There is a group with this code already."""

    code = "person_group_taken"


class GroupConditionRefused(Invalid):
    """The condition of the group is not acceptable."""

    code = "person_group_condition_refused"


class GroupNotList(Conflict):
    """The members of this group are those who meet its condition: nobody can be put on it or taken off."""

    code = "person_group_not_list"


class GroupIsList(Conflict):
    """Persons are on the list of this group, so it cannot have a condition."""

    code = "person_group_is_list"


class RelationKindUnknown(Invalid):
    """There is no such relation between persons."""

    code = "relation_kind_unknown"


class RelatedToOneself(Invalid):
    """Nobody is a relative of themselves."""

    code = "related_to_oneself"


class HouseholdUnknown(NotFound):
    """There is no such household."""

    code = "household_unknown"


class CheckUnknown(NotFound):
    """There is no such check of the register."""

    code = "quality_check_unknown"


class FigureMalformed(Invalid):
    """A figure needs a lower-case code and periods that do not overlap."""

    code = "figure_malformed"


class CalendarMalformed(Invalid):
    """A calendar needs a lower-case code, names in both languages and at least one day."""

    code = "calendar_malformed"


class ListUnreadable(Invalid):
    """The file is not a list that can be read: CSV or XLSX with a column of personal codes."""

    code = "list_unreadable"


class ListChanged(Conflict):
    """The group or the list has changed since it was shown: look at what it would do once more."""

    code = "list_changed"


class ListBusy(Conflict):
    """An earlier list of this group is still being worked on: wait a moment."""

    code = "list_busy"


class ListTooLong(Invalid):
    """The list has more rows than one import takes."""

    code = "list_too_long"


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


class SetByTheState(Conflict):
    """The state sets this figure or calendar, and its rules mean it so: choose another code."""

    code = "set_by_the_state"


class FactKindInUse(Invalid):
    """Groups by condition rest on what this would take away."""

    code = "fact_kind_in_use"


class FactKindUnknown(Invalid):
    """No fact of this kind is kept here."""

    code = "fact_kind_unknown"


class FactValueUnknown(Invalid):
    """A fact of this kind cannot have this value."""

    code = "fact_value_unknown"


class FactNumberMisplaced(Invalid):
    """A fact of this kind needs a number, or has none."""

    code = "fact_number_misplaced"


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


class PersonMerged(Conflict):
    """This person turned out to be another one: open that one."""

    code = "person_merged"


class RanksInvalid(Invalid):
    """Name each source once, the most trusted first, at most 20."""

    code = "source_ranks_invalid"


class TooManyLookups(TooManyRequests):
    """Too many look-ups of persons: wait a minute and try again."""

    code = "too_many_lookups"
