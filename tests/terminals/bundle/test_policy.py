"""Policies: their only form, and what is found in them on a day."""

import json
from datetime import date

import pytest
from hypothesis import given

from rules.errors import Refused
from rules.period import EMPTY, Days
from terminals.bundle.canonical import canonical
from terminals.bundle.errors import ObjectUnreadable
from terminals.bundle.policy import LIMITS, Policy
from tests.terminals.bundle.draws import policies
from tests.terminals.bundle.publisher import CONCESSIONS, MACHINE, PLACES, concession, policy


@given(policies())
def test_a_policy_comes_back_from_its_only_form(found):
    payload = found.encode()
    assert Policy.decode(payload) == found
    assert Policy.decode(payload).encode() == payload


def test_the_form_is_the_one_that_is_agreed():
    said = json.loads(policy().encode())
    assert said["provider"] == {"code": "JAP", "kind": "carrier"}
    assert said["terminals"] == {MACHINE: "bus-1"}
    assert said["places"]["tram-7"] == {"mode": "tram", "zone": None, "lat": 56.66, "lon": 23.75}
    (first,) = said["concessions"]["302"]
    assert first.pop("code") == f"{302:032x}"
    assert first == {
        "revision": 1,
        "grantor": "JLG",
        "from": "2026-01-01",
        "to": None,
        "discount": {"kind": "percent", "value": "50"},
        "quota": {"n": 20, "per": "month"},
        "terms": {},
        "since": None,
    }
    assert {name: said[name] for name in LIMITS} == {
        "stale_after": 14_400,
        "wipe_after": 604_800,
        "expires_soon_days": 14,
        "pass_back_seconds": 0,
        "copy_seconds": 120,
        "copy_metres": 500,
        "clock_behind": 600,
        "clock_ahead": 120,
        "online_ms": 400,
        "sample": 100,
    }


def test_a_revision_counts_on_its_days():
    found = policy()
    days = {day: found.revision(311, date(2026, month, day)) for month, day in ((1, 1), (9, 14), (9, 15))}
    assert [revision and revision.revision for revision in days.values()] == [1, 1, 2]
    assert found.revision(311, date(2025, 12, 31)) is None
    assert found.revision(999, date(2026, 9, 1)) is None
    assert [str(revision.days) for revision in CONCESSIONS[311]] == ["{[2026-01-01,2026-09-15)}", "{[2026-09-15,)}"]


def test_terms_places_and_amnesties_are_found():
    found = policy()
    assert found.terms[f"{305:032x}", 1].companions == 1
    assert len(found.terms) == sum(map(len, CONCESSIONS.values()))
    assert (found.place("tram-7"), found.place("nowhere")) == (PLACES["tram-7"], None)
    assert found.amnesty_of("RIX") == Days.parse("{[2026-09-01,2026-10-01)}")
    assert (found.amnesty_of("JLG"), found.amnesty_of(None)) == (EMPTY, EMPTY)
    assert [revision.code for revision in found.universal] == [f"{310:032x}"]


def broken(*path: str | int, value: object = None, gone: bool = False) -> dict:
    said = json.loads(policy().encode())
    at = said
    for step in path[:-1]:
        at = at[step]
    if gone:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return said


@pytest.mark.parametrize(
    "said",
    [
        broken("v", value=2),
        broken("more", value=1),
        *(broken(name, gone=True) for name in LIMITS),
        *(broken(name, value=-1) for name in LIMITS),
        broken("stale_after", value=True),
        broken("seq", value=2**41),
        broken("provider", value="JAP"),
        broken("terminals", value=[]),
        broken("terminals", MACHINE, value=5),
        broken("places", "bus-1", "lat", value=91),
        broken("places", "bus-1", "lat", gone=True),
        broken("concessions", "0301", value=[]),
        broken("concessions", "65536", value=[]),
        broken("concessions", "x", value=[]),
        broken("concessions", "٣", value=[]),
        broken("concessions", "301", 0, "discount", value={"kind": "none"}),
        broken("concessions", "301", 0, "to", value="2026-01-01"),
        broken("concessions", "301", 0, "from", value="2026-13-01"),
        broken("concessions", "301", 0, "terms", value={"when": 1}),
        broken("concessions", "311", 0, "to", value="2026-09-16"),
        broken("concessions", "311", 0, "to", value=None),
        broken("amnesty", "RIX", value="{[2026-09-01,2026-09-01)}"),
    ],
)
def test_every_other_policy_is_refused(said):
    with pytest.raises(Refused):
        Policy.from_json(said)
    with pytest.raises(ObjectUnreadable):
        Policy.decode(canonical(said))


def test_only_one_form_is_taken():
    payload = policy().encode()
    said = json.loads(payload)
    for other in (
        json.dumps(said).encode(),
        payload + b"\n",
        payload.replace(b'"v":1', b'"v":1,"v":1'),
        payload.replace(b'"v":1', b'"v":1.0'),
        payload.replace(b'["bus","tram"]', b'["tram","bus"]'),
        payload.replace(b'"holder_mode":true', b'"companions":0,"holder_mode":true'),
        payload.replace(b"{[2026-09-01,2026-10-01)}", b"{[2026-09-01,2026-09-02),[2026-09-02,2026-10-01)}"),
        payload.replace(b"56.65", b"56.650"),
        payload.replace(b"56.65", b"NaN"),
        payload.replace(b"JAP", b"\\u004aAP", 1),
        payload.replace(b"JAP", b"J\xffP", 1),
        b"[" * 100_000,
        b"[]",
        b"",
    ):
        with pytest.raises(ObjectUnreadable):
            Policy.decode(other)


def test_words_beyond_ascii_stay_as_they_are():
    found = policy(concessions={1: (concession(1, "Rēzekne"),)})
    assert "Rēzekne".encode() in found.encode()
    assert Policy.decode(found.encode()) == found
