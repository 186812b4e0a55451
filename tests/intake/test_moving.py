"""A change of residence: who moves here is enrolled, who moves away has no token here from that day on."""

from datetime import date, timedelta
from uuid import UUID

from psycopg import AsyncConnection

from amis import worker
from amis.intake.moving import MOVED
from amis.issuing import service as issuing
from amis.issuing import store as tokens
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.draining import drain
from amis.register import store as register
from tests.intake.wire import APPLIED, TOWN, UNCHANGED, Wire, counted, event, find, new_code, of_person


def moved(code: str, to: str | None, since: date, **more: object) -> dict[str, object]:
    return event("residence.changed.v1", person={"code": code}, municipality=to, since=since.isoformat(), **more)


async def resident(wire: Wire) -> tuple[str, UUID]:
    """Somebody of this town with a right and a token."""
    code, today = new_code(), clock.today()
    days = {"valid_from": (today - timedelta(days=9)).isoformat(), "valid_to": (today + timedelta(days=90)).isoformat()}
    assert await wire.send(of_person(code, f"{code}/A", **days)) == [APPLIED]
    person = await find(code)
    assert person is not None
    async with transaction(TOWN) as tx:
        return code, (await issuing.issue_qr(tx, person)).id


async def standing(token: UUID) -> tuple[str, str]:
    async with transaction(TOWN) as tx:
        found = await tokens.get_token(tx, token)
    return found.state, found.reason


async def stays(code: str) -> list[tuple[str, date, date | None]]:
    person = await find(code)
    assert person is not None
    async with transaction(TOWN) as tx:
        facts = await register.facts_timeline(tx, person)
    return [(fact.value, fact.valid_from, fact.valid_to) for fact in facts if fact.kind == "residence"]


async def test_whoever_moved_away_has_no_token_any_more(wire: Wire) -> None:
    code, token = await resident(wire)
    gone = moved(code, "RIX", clock.today() - timedelta(days=3))
    assert await wire.send(gone) == [APPLIED]
    assert await standing(token) == ("ended", "moved")
    assert await wire.send(gone) == [UNCHANGED]
    assert [value for value, _, _ in await stays(code)] == ["RIX"]


async def test_a_place_without_a_word_of_its_own_is_elsewhere(wire: Wire) -> None:
    for to in ("VALK", None):
        code, token = await resident(wire)
        assert await wire.send(moved(code, to, clock.today())) == [APPLIED]
        assert await standing(token) == ("ended", "moved")
        assert await stays(code) == [("other", clock.today(), None)]


async def test_a_move_that_is_to_come_ends_tokens_on_its_day_unless_it_is_called_off(
    wire: Wire, worker_connection: AsyncConnection
) -> None:
    leaving, staying, sooner = [await resident(wire) for _ in range(3)]
    later = clock.today() + timedelta(days=20)
    for code, _ in (leaving, staying, sooner):
        assert await wire.send(moved(code, "RIX", later, record_id=f"M-{code}")) == [APPLIED]
    back = moved(staying[0], "JLG", later, record_id=f"M-{staying[0]}", version=2)
    earlier = moved(sooner[0], "RIX", clock.today() + timedelta(days=9), record_id=f"M-{sooner[0]}", version=2)
    assert await wire.send(back, earlier) == [APPLIED, APPLIED]
    await _work(worker_connection)
    assert (await standing(leaving[1]))[0] == "active"
    with clock.moved(clock.now() + timedelta(days=10)):
        await _work(worker_connection)
        assert [(await standing(one[1]))[0] for one in (leaving, sooner)] == ["active", "ended"]
    with clock.moved(clock.now() + timedelta(days=21)):
        await _work(worker_connection)
        assert await standing(leaving[1]) == ("ended", "moved")
        assert (await standing(staying[1]))[0] == "active"


async def _work(connection: AsyncConnection) -> None:
    while await drain(connection, {MOVED: worker.HANDLERS[MOVED]}):
        pass


async def test_whoever_moves_here_is_enrolled_and_a_stranger_elsewhere_is_not(wire: Wire) -> None:
    here, there = new_code(), new_code()
    day = clock.today() - timedelta(days=1)
    assert await wire.send(moved(here, "JLG", day), moved(there, "RIX", day)) == [APPLIED, APPLIED]
    assert await stays(here) == [("JLG", day, None)]
    assert await find(there) is None
    assert await counted("person") == 1
