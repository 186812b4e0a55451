import tomllib

from amis.kernel.actor import Actor
from amis.web.navigation import ENTRIES, for_actor
from tests.web.messages import ROOT


def clerk(*permissions: str) -> Actor:
    return Actor("staff", "u1", "Ilze", 1, "Jelgava", frozenset(permissions))


def test_the_menu_shows_what_the_actor_may_open() -> None:
    assert [entry.url for entry in for_actor(clerk("person.read", "report.read"))] == ["/persons", "/reports"]


def test_nobody_signed_in_sees_no_menu() -> None:
    assert for_actor(None) == []


def test_an_entry_covers_its_pages_and_not_its_neighbours() -> None:
    persons = ENTRIES[0]
    assert persons.covers("/persons")
    assert persons.covers("/persons/17")
    assert not persons.covers("/personsx")


def test_the_menu_asks_only_for_permissions_that_exist() -> None:
    known = tomllib.loads((ROOT / "staff" / "permissions.toml").read_text())["permissions"]
    assert {entry.permission for entry in ENTRIES} <= set(known)
