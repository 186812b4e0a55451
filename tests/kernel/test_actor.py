"""Who acts."""

from dataclasses import FrozenInstanceError

import pytest

from amis.kernel.actor import Actor, system


def test_an_actor_may_what_is_permitted_and_nothing_else() -> None:
    clerk = Actor("staff", "u1", "Ilze", 2, permissions=frozenset({"person.read"}))
    assert clerk.may("person.read")
    assert not clerk.may("person.write")


def test_the_system_acts_with_no_permission_and_by_default_for_nobody() -> None:
    worker = system("worker")
    assert (worker.kind, worker.id, worker.municipality_id) == ("system", "worker", None)
    assert not worker.may("person.read")
    assert system("worker", 2).municipality_id == 2


def test_an_actor_cannot_be_given_more_afterwards() -> None:
    with pytest.raises(FrozenInstanceError):
        system("worker").permissions = frozenset({"person.read"})  # type: ignore[misc]  # that is the test
