"""The cases of real concessions once more: without a network a terminal says what the service says, in two languages.

Where a terminal cannot know, that is written down here, with what it says instead.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Page
from psycopg import AsyncConnection

from amis.concessions.drafts import TermsDraft
from amis.concessions.lv.edition import FREE
from amis.concessions.models import Concession
from amis.concessions.scope import CITY
from amis.concessions.seed_lv import DAUGAVPILS, RIGA
from amis.concessions.service import revise_terms
from amis.concessions.store import list_concessions
from amis.demo.town import approve_terminal, install_terminal
from amis.issuing import service as issuing
from amis.issuing import store as tokens
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.validating import service as validating
from amis.validating.amnesty import declare_amnesty
from cards.credential import status_number
from cards.pair import pair
from rules.terms import Terms
from terminals.agent import Terminal
from terminals.clock import Clock
from terminals.simulator.network import Network
from tests.terminals.conftest import core  # noqa: F401  # the page with the validator's modules
from tests.town import CLERK, Site, needy, riga
from tests.walks import test_acceptance as acceptance
from tests.walks import test_concession_cases as concessions
from tests.walks.citizens import open_places
from tests.walks.phones import on_a_phone
from tests.walks.three_ways import ThreeWays

Case = Callable[..., Awaitable[None]]
_DAYS = {"t20": ("2026-11-18",), "t21": ("2026-12-31",)}
_WITH_A_TAP = ("t01", "t06", "t29")
CASES: Mapping[str, Case] = {
    name.split("_")[1]: case
    for name, case in (vars(acceptance) | vars(concessions)).items()
    if name.startswith("test_t") and (hasattr(concessions, name) or name.split("_")[1] in _WITH_A_TAP)
}
KNOWS_LESS: Mapping[str, Mapping[int, str]] = {
    # no credential tells of summer work, so a terminal that is alone does not say no outside school time
    "t10": {0: "ONLINE_REQUIRED", 1: "ONLINE_REQUIRED", 2: "ONLINE_REQUIRED"},
    # nor of the mode that was chosen
    "t14": {0: "ONLINE_REQUIRED", 1: "ONLINE_REQUIRED"},
    # a right that was gained after the letter was printed counts alone once there is a new letter
    "t17": {2: "NO_ENTITLEMENT"},
}
"""By case and tap: the reason of a terminal that is alone, where it is another than the service's."""


@pytest.fixture
async def three(site: Site, core: Page) -> AsyncIterator[ThreeWays]:  # noqa: F811
    """The town with the three who decide."""
    await open_places(site, RIGA, DAUGAVPILS)
    machine, code = await install_terminal(site.town, "twin")
    home = site.home / "twin"
    await pair(site.url, code, home, site.http)
    await approve_terminal(machine)
    way = httpx.AsyncHTTPTransport()
    network = Network(way)
    assert site.settings.database_worker_url is not None
    async with (
        await AsyncConnection.connect(site.settings.database_worker_url, autocommit=True) as worker,
        way,
        httpx.AsyncClient(transport=network, timeout=30) as http,
    ):
        twin = Terminal(home, http, clock=Clock(clock.now), say=lambda _: None)
        yield ThreeWays(site, twin, network, core, worker)
        twin.journal.close()


def alike(three: ThreeWays, knows_less: Mapping[int, str] = MappingProxyType({})) -> None:
    """Python and JavaScript said the same of every tap, and the service too where it does not know more."""
    assert three.told
    assert [told for told in three.told if told.alone != told.script] == []
    assert {n: told.alone[1] for n, told in enumerate(three.told) if told.alone != told.online} == knows_less


@pytest.mark.parametrize("number", sorted(CASES))
async def test_without_a_network_the_case_ends_alike(three: ThreeWays, number: str) -> None:
    await CASES[number](three, *_DAYS.get(number, ()))
    alike(three, KNOWS_LESS.get(number, {}))


async def test_t33_an_old_token_after_its_replacement(three: ThreeWays) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        token, shown = await token_of_spring(three)
        async with transaction(CLERK) as tx:
            await issuing.replace(tx, token, "lost")
        assert (await three.tap(shown)).reason == "TOKEN_BLOCKED"
    alike(three)


async def test_t34_a_cancelled_token_in_the_month_of_an_amnesty(three: ThreeWays) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        token, shown = await token_of_spring(three)
        async with transaction(CLERK) as tx:
            await issuing.block(tx, token, "office")
            await declare_amnesty(tx, date(2026, 4, 10), date(2026, 5, 1), "Karšu maiņa")
        assert (await three.tap(shown)).reason == "OK_AMNESTY"
    with clock.moved(riga("2026-05-01 09:00")):
        assert (await three.tap(shown)).reason == "TOKEN_BLOCKED"
    alike(three)


async def test_t35_the_same_token_again_within_the_window_of_the_concession(three: ThreeWays) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        ride = await concession("JLG-REPR20")
        async with transaction(CLERK) as tx:
            terms = Terms(pass_back_seconds=60)
            await revise_terms(tx, ride.id, TermsDraft(date(2026, 4, 1), None, FREE, None, terms))
        _, shown = await token_of_spring(three, "REPR")
        reasons = [(await three.tap(shown, clock.now() + timedelta(seconds=after))).reason for after in (0, 30, 61)]
    assert reasons == ["OK", "PASSBACK", "OK"]
    alike(three)


async def test_t36_a_copied_picture_shown_a_kilometre_apart(three: ThreeWays) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        async with transaction(CLERK) as tx:
            for code, at in (("HERE", (56.650, 23.720)), ("THERE", (56.659, 23.720))):
                await validating.register_place(tx, three.town.provider_id, code, code, "bus", zone=CITY, at=at)
        _, shown = await token_of_spring(three)
        await three.tap(shown, place="HERE")
        second = await three.tap(shown, clock.now() + timedelta(seconds=60), place="THERE")
    assert second.check_photo
    alike(three)


async def test_t37_a_presentation_replayed_within_its_window(three: ThreeWays) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        token, _ = await token_of_spring(three)
        async with transaction(CLERK) as tx:
            row = await tokens.get_token(tx, token)
        shown = on_a_phone(
            status_number(row.status_list, row.status_index), (await concession("JLG-NEEDY20")).public_code
        )
        reasons = [(await three.tap(shown)).reason for _ in range(2)]
    assert reasons[1] == "REPLAY"
    alike(three)


async def test_t38_a_terminal_six_hours_alone_and_a_token_blocked_meanwhile(three: ThreeWays) -> None:
    with clock.moved(riga("2026-04-10 08:00")):
        token, shown = await token_of_spring(three)
        assert (await three.tap(shown)).accepted
        three.network = False
    with clock.moved(riga("2026-04-10 10:00")):
        async with transaction(CLERK) as tx:
            await issuing.block(tx, token, "lost")
        assert (await three.tap(shown)).reason == "TOKEN_BLOCKED"
    with clock.moved(riga("2026-04-10 14:00")):
        await three.tap(shown)
        three.network = True
        await three.tap(shown)
    # cut off, it goes on by what it holds; after four hours it says that this is old; then it knows
    alike(three, {1: "OK", 2: "TERMINAL_STALE"})


async def token_of_spring(three: ThreeWays, status: str = "TRUCIGA") -> tuple[UUID, str]:
    """Somebody with a status and a token: its id and what it shows."""
    await three.states(needy("R1", 1, date(2026, 3, 1), date(2026, 12, 31), status=status))
    return await three.issue()


async def concession(code: str) -> Concession:
    """A concession of Jelgava."""
    async with transaction(CLERK) as tx:
        return next(one for one in await list_concessions(tx) if one.code == code)
