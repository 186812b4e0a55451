"""Taps through HTTP on a real database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from amis.kernel import clock
from cards.number import new_number
from tests.validating.conftest import FREE, Send, body_of
from tests.validating.town import Town, credential_of

Tap = Callable[..., Awaitable[dict[str, Any]]]


async def uses(db: AsyncConnection) -> int:
    row = await (await db.execute("SELECT count(*) FROM use")).fetchone()
    assert row is not None
    return int(row[0])


async def test_a_right_is_used_by_number_and_by_qr_text(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    by_number = await tap(terminal, holder.number)
    by_qr = await tap(terminal, {"qr": credential_of(holder, clock.now())})
    by_text = await tap(terminal, credential_of(holder, clock.now()))
    for answer in (by_number, by_qr, by_text):
        assert (answer["verdict"], answer["reason"], answer["payable"]) == ("ACCEPT", "OK", "0.0000")
        assert answer["text"]["lv"] == "OK, -100 %"
    assert await uses(town.db) == 3


async def test_a_repeated_body_gets_the_same_answer_and_no_second_use(town: Town, send: Send) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    body = body_of(terminal, holder.number)
    first, second = await send(terminal, body), await send(terminal, body)
    assert first.content == second.content
    assert await uses(town.db) == 1


async def test_another_body_under_the_same_key_is_refused(town: Town, send: Send) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    body = body_of(terminal, holder.number)
    await send(terminal, body)
    other = await send(terminal, body | {"gross": "0.86"})
    assert (other.status_code, other.json()["code"], other.json()["pointer"]) == (422, "sequence_reused", "/seq")
    assert await uses(town.db) == 1


async def test_one_body_sent_many_times_at_once_is_one_use_with_one_answer(town: Town, send: Send) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    body = body_of(terminal, holder.number)
    answers = await asyncio.gather(*(send(terminal, body) for _ in range(20)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert await uses(town.db) == 1


async def test_a_denial_is_repeated_too_and_leaves_an_audit_leaf(town: Town, send: Send) -> None:
    holder = await town.add_holder()
    terminal = await town.add_terminal()
    body = body_of(terminal, holder.number)
    first, second = await send(terminal, body), await send(terminal, body)
    assert first.content == second.content
    assert first.json()["reason"] == "NO_ENTITLEMENT"
    assert (first.json()["payable"], first.json()["use"]) == ("0.8500", None)
    found = await town.db.execute("SELECT reason, subject_id, municipality_id FROM audit WHERE action = 'tap.deny'")
    assert await found.fetchall() == [("NO_ENTITLEMENT", str(holder.token), 2)]


async def test_the_twenty_first_ride_of_a_month_pays_the_full_price(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY20", FREE, {"n": 20, "per": "month"}))
    terminal = await town.add_terminal()
    rides = [await tap(terminal, holder.number) for _ in range(21)]
    assert [ride["quota_left"] for ride in rides[:20]] == list(range(19, -1, -1))
    assert (rides[20]["verdict"], rides[20]["reason"], rides[20]["payable"]) == ("DENY", "QUOTA_USED", "0.8500")


async def test_sixty_four_taps_at_once_never_overspend_a_quota(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY20", FREE, {"n": 20, "per": "month"}))
    terminals = [await town.add_terminal() for _ in range(64)]
    answers = await asyncio.gather(*(tap(terminal, holder.number) for terminal in terminals))
    assert sorted(answer["verdict"] for answer in answers) == ["ACCEPT"] * 20 + ["DENY"] * 44
    assert {answer["reason"] for answer in answers if answer["verdict"] == "DENY"} == {"QUOTA_USED"}
    counter = await town.db.execute("SELECT used, lim FROM quota_counter")
    assert await counter.fetchall() == [(20, 20)]


async def test_a_blocked_token_is_refused_by_the_very_next_tap(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    assert (await tap(terminal, holder.number))["verdict"] == "ACCEPT"
    await town.db.execute("UPDATE token SET state = 'blocked', reason = 'lost', status = 2")
    assert (await tap(terminal, holder.number))["reason"] == "TOKEN_BLOCKED"


async def test_a_shortened_entitlement_ends_at_local_midnight(town: Town, tap: Tap) -> None:
    concession = await town.add_concession("NEEDY", FREE)
    holder = await town.add_holder(concession, periods="{[2026-03-01,2026-06-01)}")
    terminal = await town.add_terminal()
    with clock.moved(datetime.fromisoformat("2026-05-31T23:59:00+03:00")):
        assert (await tap(terminal, holder.number))["verdict"] == "ACCEPT"
    with clock.moved(datetime.fromisoformat("2026-06-01T00:01:00+03:00")):
        assert (await tap(terminal, holder.number))["reason"] == "NO_ENTITLEMENT"


async def test_a_revoked_terminal_is_refused_by_its_very_next_call(town: Town, send: Send) -> None:
    terminal = await town.add_terminal()
    await town.db.execute("UPDATE machine SET state = 'revoked' WHERE id = %s", (terminal.id,))
    refused = await send(terminal, body_of(terminal, "0" * 16))
    assert (refused.status_code, refused.json()["code"]) == (401, "terminal_unknown")


async def test_a_grantor_that_the_provider_does_not_accept_grants_nothing_there(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    await town.db.execute("DELETE FROM acceptance")
    assert (await tap(terminal, holder.number))["reason"] == "NO_ENTITLEMENT"


async def test_a_place_of_another_provider_is_not_known(town: Town, send: Send) -> None:
    terminal = await town.add_terminal()
    answer = await send(terminal, body_of(terminal, "0" * 16, place="ELSEWHERE"))
    assert (answer.status_code, answer.json()["code"], answer.json()["pointer"]) == (422, "place_unknown", "/place")


async def test_a_terminal_with_a_wrong_clock_is_answered_by_ours_and_warned(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    terminal = await town.add_terminal()
    answer = await tap(terminal, holder.number, at="1999-12-31T23:59:59+02:00")
    assert (answer["verdict"], answer["reason"]) == ("ACCEPT_WARN", "CLOCK")
    found = await (await town.db.execute("SELECT abs(extract(epoch FROM recorded_at - at)) < 60 FROM use")).fetchone()
    assert found == (True,)


async def test_a_second_use_within_the_pass_back_window_is_refused(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE, terms={"pass_back_seconds": 30}))
    one, other = await town.add_terminal(), await town.add_terminal()
    first, second = await asyncio.gather(tap(one, holder.number), tap(other, holder.number))
    assert {first["reason"], second["reason"]} == {"OK", "PASSBACK"}
    with clock.moved(clock.now() + timedelta(seconds=31)):
        assert (await tap(other, holder.number))["verdict"] == "ACCEPT"


async def test_a_companion_is_counted_in_what_the_funder_pays(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("DIS", FREE, terms={"companions": 1}))
    answer = await tap(await town.add_terminal(), holder.number, companions=1)
    assert (answer["companions"], answer["discount"]) == (1, "1.7000")
    row = await (await town.db.execute("SELECT gross, payable, discount, companions FROM use")).fetchone()
    assert row is not None
    assert tuple(map(str, row)) == ("1.7000", "0.0000", "1.7000", "1")


async def test_what_cannot_be_a_token_is_denied_and_kept(town: Town, tap: Tap) -> None:
    terminal = await town.add_terminal()
    reasons = [
        (await tap(terminal, token))["reason"]
        for token in ("AM1:QQ", "https://example.org", "AM2:", {"qr": "AM1:" + "0" * 300}, {"card": {"number": "?"}})
    ]
    assert reasons == ["MALFORMED"] * 5
    kept = await (await town.db.execute("SELECT count(*), count(use_id) FROM tap_key")).fetchone()
    assert kept == (5, 0)


async def test_guessing_numbers_is_stopped(town: Town, send: Send) -> None:
    terminal = await town.add_terminal()
    answers = [await send(terminal, body_of(terminal, new_number())) for _ in range(32)]
    assert answers[0].json()["reason"] == "UNKNOWN_TOKEN"
    assert answers[-1].status_code == 429
    assert "retry-after" in answers[-1].headers


async def test_a_credential_of_another_municipality_does_not_open_this_token(town: Town, tap: Tap) -> None:
    holder = await town.add_holder(await town.add_concession("NEEDY", FREE))
    text = credential_of(holder, clock.now(), "RIX")
    assert (await tap(await town.add_terminal(), text))["reason"] == "UNKNOWN_TOKEN"
