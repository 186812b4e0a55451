"""Writes of the register, one door for the rooms above: persons, facts, groups, relations, figures of law."""

from amis.register.authority import reckon, set_ranks
from amis.register.carried import Record, bring, records_of, take_back
from amis.register.change import FactChange
from amis.register.codes import add_code, change_code, home_of, settle_code
from amis.register.groups import GroupDraft, define_group
from amis.register.homes import settle_homes
from amis.register.households import hold_household, household_by_code, join_household, leave_household, open_household
from amis.register.kinds import define_fact_kind
from amis.register.law import CalendarDraft, Step, define_calendar, define_figure, define_figures
from amis.register.lookups import limit_lookups, look_up
from amis.register.membership import change_membership, join_group, leave_group
from amis.register.merging import Pair, edge_of, is_one, merge, pairs_of, pairs_said, part
from amis.register.people import (
    Enrolled,
    PersonDraft,
    enrol,
    enrol_by_hand,
    erase,
    find_or_enrol,
    rename,
)
from amis.register.recording import record, record_of
from amis.register.relating import relate, unrelate
from amis.register.statements import Said, record_death, settle_death, state, statement, statements, unsay

__all__ = [
    "CalendarDraft",
    "Enrolled",
    "FactChange",
    "GroupDraft",
    "Pair",
    "PersonDraft",
    "Record",
    "Said",
    "Step",
    "add_code",
    "bring",
    "change_code",
    "change_membership",
    "define_calendar",
    "define_fact_kind",
    "define_figure",
    "define_figures",
    "define_group",
    "edge_of",
    "enrol",
    "enrol_by_hand",
    "erase",
    "find_or_enrol",
    "hold_household",
    "home_of",
    "household_by_code",
    "is_one",
    "join_group",
    "join_household",
    "leave_group",
    "leave_household",
    "limit_lookups",
    "look_up",
    "merge",
    "open_household",
    "pairs_of",
    "pairs_said",
    "part",
    "reckon",
    "record",
    "record_death",
    "record_of",
    "records_of",
    "relate",
    "rename",
    "set_ranks",
    "settle_code",
    "settle_death",
    "settle_homes",
    "state",
    "statement",
    "statements",
    "take_back",
    "unrelate",
    "unsay",
]
