"""Writes of the register, one door for the rooms above: persons, facts, groups, look-ups."""

from amis.register.change import FactChange
from amis.register.lookups import limit_lookups, look_up
from amis.register.membership import GroupDraft, define_group, join_group, leave_group
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
from amis.register.recording import define_fact_kind, record, record_of

__all__ = [
    "Enrolled",
    "FactChange",
    "GroupDraft",
    "PersonDraft",
    "change_code",
    "define_fact_kind",
    "define_group",
    "enrol",
    "enrol_by_hand",
    "erase",
    "find_or_enrol",
    "join_group",
    "leave_group",
    "limit_lookups",
    "look_up",
    "record",
    "record_death",
    "record_of",
    "rename",
]
