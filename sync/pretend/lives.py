"""What happens to the people of a pretend office: other codes, two entries for one, deaths, moves, households."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sync.caseload import means_grant
from sync.personal_code import draw_newer
from sync.pretend.decisions import MEANS
from sync.pretend.record import (
    CODE_CHANGED,
    DIED,
    HOUSEHOLD,
    MERGED,
    MOVED,
    UNMERGED,
    Record,
    person,
    residence,
)
from sync.simulator import Simulator

_DAY = timedelta(days=1)


def change_code(office: Simulator, at: datetime) -> Record | None:
    """Somebody who is known gets a personal code of the newer form."""
    who = _known(office)
    if who is None:
        return None
    before, code = person(office.people[who]), _fresh_code(office)
    office.change_person(who, code=code)
    return office.state(CODE_CHANGED, who, at, {"person": before, "new_code": code, "changed_on": _day(at)})


def double(office: Simulator, at: datetime) -> Record | None:
    """Somebody known is entered a second time, under another code, and gets a decision there."""
    who = _known(office)
    if who is None:
        return None
    twin = office.add_person(replace(office.people[who], code=_fresh_code(office)))
    office.doubles[twin] = who
    return office.grant(twin, means_grant(office.rng, office.rng.choice(MEANS), at.date()), at.date(), at)


def merge(office: Simulator, at: datetime) -> Record | None:
    """It is noticed that two entries are of one person."""
    apart = [(twin, who) for twin, who in office.doubles.items() if twin not in office.merged and office.lives(who)]
    if not apart:
        return None
    twin, who = office.rng.choice(apart)
    office.merged.add(twin)
    return office.state(MERGED, who, at, _pair(office, who, twin))


def unmerge(office: Simulator, at: datetime) -> Record | None:
    """It was a mistake: they are two after all."""
    joined = [(twin, who) for twin, who in office.doubles.items() if twin in office.merged and office.lives(who)]
    if not joined:
        return None
    twin, who = office.rng.choice(joined)
    office.merged.discard(twin)
    del office.doubles[twin]
    return office.state(UNMERGED, who, at, {**_pair(office, who, twin), "unmerged_on": _day(at)})


def die(office: Simulator, at: datetime) -> Record | None:
    """Somebody known died yesterday."""
    who = _known(office)
    if who is None or who in office.doubles.values():
        return None
    office.dead.add(who)
    return office.state(DIED, who, at, {"person": person(office.people[who]), "died_on": _day(at - _DAY)})


def move(office: Simulator, at: datetime) -> Record | None:
    """Somebody is declared in another municipality from today."""
    who = _known(office)
    if who is None or _since_today(office, MOVED, who, at):
        return None
    here = office.people[who].municipality
    there = office.rng.choice([code for code in ("JLG", "RIX", "DGP") if code != here])
    resident = office.change_person(who, municipality=there)
    return office.state(MOVED, who, at, residence(resident, there, at.date()))


def join_household(office: Simulator, at: datetime) -> Record | None:
    """Somebody moves in with somebody else, or lives alone from today."""
    who = _known(office)
    if who is None or _since_today(office, HOUSEHOLD, who, at):
        return None
    home = office.rng.choice((None, office.rng.choice(office.people).household))
    resident = office.change_person(who, household=home or f"M-9{who:04}")
    return office.state(HOUSEHOLD, who, at, {"person": person(resident), "household": home, "since": _day(at)})


def _since_today(office: Simulator, kind: str, who: int, at: datetime) -> bool:
    # two records that tell of one day would leave it open which of them is right
    return any(record.person == who and record.about["since"] == _day(at) for record in office.records(kind))


def _known(office: Simulator) -> int | None:
    """Somebody of whom a status stands, so that the receiver knows them too; not a second entry of another."""
    found = sorted({record.person for record in office.standing()})
    known = [who for who in found if office.lives(who) and who not in office.doubles]
    return office.rng.choice(known) if known else None


def _fresh_code(office: Simulator) -> str:
    while office.is_drawn(code := draw_newer(office.rng)):
        pass
    return code


def _pair(office: Simulator, kept: int, merged: int) -> dict[str, object]:
    return {"person": person(office.people[kept]), "merged": {"code": office.people[merged].code}}


def _day(at: datetime) -> str:
    return at.date().isoformat()
