"""Writes of the register, one door for the rooms above: persons, facts, groups, relations, figures of law."""

from amis.register.change import FactChange
from amis.register.groups import GroupDraft, define_group
from amis.register.households import hold_household, join_household, leave_household, open_household
from amis.register.kinds import define_fact_kind
from amis.register.law import CalendarDraft, Step, define_calendar, define_figure, define_figures
from amis.register.lookups import limit_lookups, look_up
from amis.register.membership import change_membership, join_group, leave_group
from amis.register.people import (
    Enrolled,
    PersonDraft,
    change_code,
    enrol,
    enrol_by_hand,
    erase,
    find_or_enrol,
    record_death,
    rename,
)
from amis.register.recording import record, record_of
from amis.register.relating import relate, unrelate

__all__ = [
    "CalendarDraft",
    "Enrolled",
    "FactChange",
    "GroupDraft",
    "PersonDraft",
    "Step",
    "change_code",
    "change_membership",
    "define_calendar",
    "define_fact_kind",
    "define_figure",
    "define_figures",
    "define_group",
    "enrol",
    "enrol_by_hand",
    "erase",
    "find_or_enrol",
    "hold_household",
    "join_group",
    "join_household",
    "leave_group",
    "leave_household",
    "limit_lookups",
    "look_up",
    "open_household",
    "record",
    "record_death",
    "record_of",
    "relate",
    "rename",
    "unrelate",
]
