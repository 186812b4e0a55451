"""How far a pairing has come, and the address that a phone scans."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from amis.kernel.ids import new_id
from amis.staff.models import MachinePairing
from amis.validating.pairing_view import progress, shown

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def pairing(**more: Any) -> MachinePairing:
    given = {"machine_id": new_id(), "pairing": 1, "code_hash": b"", "created_at": NOW, "expires_at": NOW}
    return MachinePairing(**given | {"jwk": None, "approved_at": None} | more)


@pytest.mark.parametrize(
    ("newest", "found"),
    [
        (None, "none"),
        (pairing(expires_at=NOW + timedelta(seconds=1)), "waiting"),
        (pairing(), "expired"),
        (pairing(jwk={"kty": "EC"}), "answered"),
        (pairing(jwk={"kty": "EC"}, approved_at=NOW), "approved"),
    ],
)
def test_a_pairing_comes_step_by_step(newest: MachinePairing | None, found: str) -> None:
    assert progress(newest, NOW) == found


def test_the_code_stands_where_no_server_logs_it() -> None:
    code = shown("K7QF-2M9D-XW3T", NOW, "https://amis.example.lv/")
    assert code.address == "https://amis.example.lv/validator/#pair=K7QF-2M9D-XW3T"
    assert code.picture.startswith("<svg")
    assert "style" not in code.picture


def test_a_code_does_not_show_itself_in_a_traceback() -> None:
    assert "K7QF" not in repr(shown("K7QF-2M9D-XW3T", NOW, "https://amis.example.lv"))
