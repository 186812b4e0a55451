"""What a notice does to rights beyond the status that it states, and to records of somebody else."""

from datetime import date

from amis.granting.service import RuleDraft, publish_rule
from amis.kernel.db import transaction
from tests.intake.wire import APPLIED, TOWN, UNCHANGED, Wire, event, find, new_code, of_person, rights

SENIORS = RuleDraft("JLG-REPR20", "JLG-REPR20", {"age": {"op": "ge", "years": 65}}, "§ 1", date(2021, 1, 1))
OLD = {"birth_date": "1950-05-17"}


async def test_somebody_first_named_by_a_notice_gets_what_needs_no_fact(wire: Wire) -> None:
    async with transaction(TOWN) as tx:
        await publish_rule(tx, SENIORS)
    code = new_code()
    assert await wire.send(event(person={"code": code} | OLD)) == [APPLIED]
    assert (await rights(code))["JLG-REPR20"] == "{[2021-01-01,)}"


async def test_a_birth_date_learned_later_gives_the_rights_that_waited_for_it(wire: Wire) -> None:
    code = new_code()
    assert await wire.send(event(status="INV_BERNS", person={"code": code}, valid_to=None)) == [APPLIED]
    assert await rights(code) == {}
    grown = {"code": code, "birth_date": "2015-05-17"}
    assert await wire.send(event(person=grown)) == [APPLIED]
    assert (await rights(code))["LV-DIS-CHILD"] == "{[2026-03-01,2033-05-17)}"


async def test_a_withdrawal_in_the_name_of_a_stranger_leaves_the_right_and_is_shown(wire: Wire) -> None:
    code, stranger = new_code(), new_code()
    assert await wire.send(of_person(code, "A")) == [APPLIED]
    conflict = ("conflict", "version.conflict", "/data/record_id")
    assert await wire.send(of_person(stranger, "A", 2, op="withdraw")) == [conflict]
    assert await find(stranger) is None
    assert await rights(code) == {"JLG-NEEDY20": "{[2026-03-01,2026-06-01)}"}
    assert await wire.send(of_person(code, "A", 2, op="withdraw")) == [APPLIED]
    assert await rights(code) == {}


async def test_one_record_many_times_in_one_message_ends_with_its_newest_version(wire: Wire) -> None:
    code = new_code()
    first, newest = of_person(code, "A"), of_person(code, "A", 3, valid_to="2026-06-30")
    gone = of_person(code, "A", 2, op="withdraw")
    conflict = ("conflict", "version.conflict", "/data/version")
    back = of_person(code, "A", 2)
    assert await wire.send(first, first, gone, back, newest) == [APPLIED, UNCHANGED, APPLIED, conflict, APPLIED]
    assert await rights(code) == {"JLG-NEEDY20": "{[2026-03-01,2026-07-01)}"}
