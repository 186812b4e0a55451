from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sync.errors import KeyUnreadable
from sync.pretend.letters import Registry, keep_registry, read_registry
from sync.pretend.record import STATUS
from sync.sopa import STATUSES
from sync.spdci import signature
from sync.spdci.answers import Action, read_answer
from sync.spdci.envelope import read_envelope
from sync.spdci.key import draw_key, public_key
from sync.spdci.translate import Profile, Telling, events_of
from tests.sync.pretend.played import AT, player

REGISTRY = Registry("sopa.izspele", "amis", draw_key("k1"))


def test_a_letter_says_exactly_what_the_event_says() -> None:
    made, _ = player(persons=60)
    profile = Profile("sopa", STATUSES)
    for record in [*made.office.standing()[:20], made.office.withdraw(made.office.standing()[0].record_id, AT)]:
        envelope = read_envelope(REGISTRY.letter(record.row, "m1", AT))
        signature.verify(
            public_key(REGISTRY.key.public_jwk()), envelope.proof, envelope.signed_header, envelope.message, AT
        )
        told = Telling("m1", AT, AT + timedelta(seconds=1), str)
        (part,) = read_answer(Action.NOTIFY, envelope.message).parts
        ((event,),) = [events_of(told, profile, person, part.at or AT) for person in part.records]
        assert (event["type"], event["data"]) == (STATUS, record.row)


def test_a_registry_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "registry.json"
    keep_registry(REGISTRY, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_registry(path).to_json() == REGISTRY.to_json()
    assert "seed" not in repr(read_registry(path))


@pytest.mark.parametrize(
    "content", ["", "[]", '{"kid": "k"}', '{"kid": "k", "seed": "AAAA", "registry_id": "a", "receiver_id": "b"}']
)
def test_another_file_is_no_registry(tmp_path: Path, content: str) -> None:
    path = tmp_path / "registry.json"
    path.write_text(content)
    with pytest.raises(KeyUnreadable):
        read_registry(path)
