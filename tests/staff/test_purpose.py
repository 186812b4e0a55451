from uuid import uuid4

import pytest

from amis.kernel import clock
from amis.staff.purpose import worded
from tests.staff.signing import sign_in

PERSON = uuid4()


@pytest.fixture
async def signed_in(browser, clerk):
    await sign_in(browser, clerk, clock.now())
    return browser


async def test_a_person_is_not_opened_before_the_purpose_is_stated(signed_in):
    answer = await signed_in.get(f"/persons/{PERSON}?day=2026-05-31")
    assert answer.status_code == 403
    assert f'name="person_id" value="{PERSON}"' in answer.text
    assert f'name="next" value="/persons/{PERSON}?day=2026-05-31"' in answer.text


async def test_a_stated_purpose_holds_for_this_person_for_the_session(signed_in, owner_connection):
    form = {"person_id": str(PERSON), "purpose": "application", "note": "  nr.  17 ", "next": f"/persons/{PERSON}"}
    answer = await signed_in.post("/purpose", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/persons/{PERSON}")
    assert (await signed_in.get(f"/persons/{PERSON}")).json() == {"purpose": "application: nr. 17"}
    assert (await signed_in.get(f"/persons/{uuid4()}")).status_code == 403
    rows = await owner_connection.execute("SELECT subject_id, reason FROM audit WHERE action = 'purpose.state'")
    assert await rows.fetchall() == [(str(PERSON), "application: nr. 17")]


@pytest.mark.parametrize("purpose", ["", "curiosity"])
async def test_a_purpose_outside_the_list_is_refused(signed_in, purpose):
    form = {"person_id": str(PERSON), "purpose": purpose, "note": "nr. 17", "next": f"/persons/{PERSON}"}
    answer = await signed_in.post("/purpose", data=form)
    assert answer.status_code == 422
    assert "Choose the purpose" in answer.text
    assert 'value="nr. 17"' in answer.text
    assert (await signed_in.get(f"/persons/{PERSON}?purpose={purpose}")).status_code == 403


async def test_a_program_states_the_purpose_in_the_address(signed_in):
    assert (await signed_in.get(f"/persons/{PERSON}?purpose=check")).json() == {"purpose": "check"}


def test_a_personal_code_typed_into_the_note_is_not_kept():
    assert worded("check", "nr. 17, 320101-12345") == "check: nr. 17, [personal code]"
