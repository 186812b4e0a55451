"""What orders and choices do to taps: acceptance cases over HTTP, on a real PostgreSQL; each keeps its number."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from amis.concessions.seed_lv import JELGAVA
from amis.granting import service
from amis.granting.service import Cause
from amis.issuing import service as issuing
from amis.issuing import store as tokens
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import service as register
from amis.register.service import FactChange, PersonDraft
from rules.terms import Terms
from tests.granting.offers import offer
from tests.town import Site, riga

CLERK = Actor("staff", "clerk-1", "Clerk", JELGAVA, "Jelgava")
CODES = {"2": "32345678902", "7": "32345678903"}


async def enrolled(code: str, born: date, *facts: FactChange) -> UUID:
    """A new person with facts."""
    async with transaction(CLERK) as tx:
        person = await register.enrol(tx, PersonDraft(code, "Anna Ozola", born))
        await service.record_and_regrant(tx, person, facts, Cause("clerk", "test"))
        return person


async def shown_by(person: UUID) -> str:
    """What the person's only token shows, made if there is none yet."""
    async with transaction(CLERK) as tx:
        token = next(iter(await tokens.tokens_of(tx, person)), None) or await issuing.issue_qr(tx, person)
        return (await tokens.open_credential(tx, token, "test")).text


def stated(kind: str, value: str, first: date) -> FactChange:
    return FactChange(kind, value, first, None, "clerk", f"{kind}-{value}", 1)


async def test_t24_taps_are_refused_while_an_order_lasts_and_work_again_without_any_visit(site: Site) -> None:
    """The seeded order of Jelgava: 22 October to 15 November 2021, the first three grades until 31 October."""
    day = date(2021, 9, 1)
    with clock.moved(riga("2021-10-21 18:00")):
        shown = {}
        for grade, code in CODES.items():
            orphan = replace(stated("orphan", "yes", day), record_id=f"orphan-{grade}")
            child = await enrolled(code, date(2012, 5, 17), orphan, stated("grade", grade, day))
            shown[grade] = await shown_by(child)
    seen = {}
    for text in ("2021-10-21 19:00", "2021-10-22 07:00", "2021-10-31 23:59", "2021-11-01 00:01", "2021-11-15 23:59"):
        with clock.moved(riga(text)):
            seen[text] = [(await site.tap(shown[grade])).reason for grade in CODES]
    with clock.moved(riga("2021-11-16 00:01")):
        after = [(await site.tap(shown[grade])).reason for grade in CODES]
    stopped = "ENTITLEMENT_SUSPENDED"
    assert seen == {
        "2021-10-21 19:00": ["OK", "OK"],
        "2021-10-22 07:00": [stopped, stopped],
        "2021-10-31 23:59": [stopped, stopped],
        "2021-11-01 00:01": ["OK", stopped],
        "2021-11-15 23:59": ["OK", stopped],
    }
    assert after == ["OK", "OK"]


async def test_t14_the_chosen_mode_is_the_only_one_in_which_the_right_counts(site: Site) -> None:
    modes = Terms(modes=frozenset({"tram", "bus"}), holder_mode=True)
    concession = await offer(terms=modes)
    with clock.moved(riga("2026-04-10 09:00")):
        family = stated("large_family", "yes", date(2026, 1, 1))
        person = await enrolled(CODES["2"], date(1980, 5, 17), family)
        answers = []
        for mode in ("tram", "bus"):
            async with transaction(CLERK) as tx:
                asked = service.ApplicationDraft(person, concession, mode)
                await service.approve_application(tx, await service.submit_application(tx, asked))
            answers.append(await site.tap(await shown_by(person)))
    assert [(answer.verdict, answer.reason) for answer in answers] == [("DENY", "OUT_OF_SCOPE"), ("ACCEPT", "OK")]
