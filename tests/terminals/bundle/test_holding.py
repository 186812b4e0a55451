"""What a terminal takes into its bundle, what it refuses, and that a refusal changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cards.statuslist import INVALID, SUSPENDED, StatusList
from cards.trust import MANIFESTS, ROOT, STATUS_LISTS
from terminals.bundle.errors import (
    BundleExpired,
    BundleRefused,
    ForeignProvider,
    Gap,
    Incomplete,
    NotNamed,
    ObjectUnreadable,
    Rollback,
    SignatureWrong,
    SignerUnknown,
    WrongSize,
    WrongState,
)
from terminals.bundle.holding import Holding
from terminals.bundle.objects import seal
from tests.terminals.bundle.publisher import (
    AT,
    FREE_CARD,
    HOUR,
    ISSUER,
    MACHINE,
    MANIFEST_KEY,
    ROOT_KEY,
    SMALL,
    STATUS_KEY,
    STRANGER,
    Publisher,
    edwards,
    held,
    p256,
    policy,
    trust_list,
)

SECOND_ROOT, SECOND_SIGNER = p256(21), edwards(22)


def blank() -> Holding:
    return Holding(ROOT_KEY.der, MACHINE)


def later(publisher: Publisher, by: timedelta = HOUR, seq: int = 1) -> Publisher:
    publisher.at, publisher.seq = publisher.at + by, publisher.seq + seq
    return publisher


def test_a_new_terminal_holds_nothing_and_is_stale():
    holding = blank()
    assert (holding.seq, holding.hash, holding.provider, holding.policy, holding.snapshot) == (None,) * 5
    assert holding.status(0, 0) is None
    assert holding.place("bus-1") is None
    assert holding.stale(AT)
    assert holding.floor.year == 1970
    assert holding.missing() == []


def test_a_terminal_begins_with_the_root_key_alone():
    publisher, holding = Publisher(), blank()
    manifest = publisher.manifest()
    with pytest.raises(SignerUnknown):
        holding.update_manifest(manifest, AT)
    named = holding.named_trust(manifest)
    holding.update_trust(publisher.objects[named.href], AT)
    holding.update_manifest(manifest, AT)
    assert [part.kind for part in holding.missing()] == ["policy", "status", "status", "cards"]
    assert holding.seq is None
    publisher.give(holding)
    assert (holding.seq, holding.provider, holding.floor) == (10, "JAP", AT)
    assert holding.policy == publisher.policy
    assert not holding.stale(AT)


def test_the_own_place_is_the_default():
    holding = held()
    assert [holding.place(code) and holding.place(code).id for code in (None, "tram-7", "nowhere")] == [
        "bus-1",
        "tram-7",
        None,
    ]


def test_a_status_is_known_where_the_list_is_held_and_long_enough():
    publisher = Publisher()
    publisher.lists[3].set(77, SUSPENDED)
    holding = held(publisher)
    assert [holding.status(*place) for place in ((3, 77), (3, 78), (3, SMALL), (4, 0))] == [SUSPENDED, 0, None, None]


def test_what_is_held_grows_stale_and_ends_but_stays():
    holding = held()
    assert not holding.stale(AT + 4 * HOUR)
    assert holding.stale(AT + 4 * HOUR + timedelta(seconds=1))
    lasting = held(Publisher(policy=policy(stale_after=10**8)))
    assert not lasting.stale(AT + 48 * HOUR)
    assert lasting.stale(AT + 48 * HOUR + timedelta(seconds=1))
    assert lasting.policy is not None
    brief = held(Publisher(policy=policy(stale_after=10**8), trust=trust_list(days=1)))
    assert brief.stale(AT + 25 * HOUR)


def test_a_clock_before_the_newest_signed_moment_does_not_make_it_fresh():
    publisher = Publisher()
    holding = held(publisher)
    publisher.bring(held(later(publisher)))
    assert not holding.stale(AT - timedelta(days=365))


def test_changes_are_taken_one_after_the_other():
    publisher = Publisher()
    holding = held(publisher)
    later(publisher, seq=0)
    holding.apply_delta(publisher.delta(status={3: {5: INVALID, 6: SUSPENDED}}), publisher.at)
    holding.apply_delta(publisher.delta(status={0: {7: INVALID}}, cards={FREE_CARD: 0, bytes(7): 2}), publisher.at)
    assert (holding.seq, holding.status(3, 5), holding.status(3, 6), holding.status(0, 7)) == (12, 1, 2, 1)
    assert holding.snapshot is not None
    assert (holding.snapshot.profile(FREE_CARD), holding.snapshot.profile(bytes(7))) == (0, 2)
    assert holding.floor == publisher.at
    assert holding.hash == held(publisher).hash


def test_a_delta_alone_keeps_the_terminal_fresh():
    publisher = Publisher()
    holding = held(publisher)
    later(publisher, 4 * HOUR, seq=0)
    holding.apply_delta(publisher.delta(status={3: {5: INVALID}}), publisher.at)
    assert not holding.stale(publisher.at + 4 * HOUR)


def test_a_delta_makes_the_state_as_young_as_a_manifest_would():
    publisher = Publisher(policy=policy(stale_after=10**8))
    holding = held(publisher)
    later(publisher, 47 * HOUR, seq=0)
    holding.apply_delta(publisher.delta(), publisher.at)
    assert not holding.stale(AT + 95 * HOUR)
    assert holding.stale(AT + 95 * HOUR + timedelta(seconds=1))


def test_only_so_many_deltas_are_kept(monkeypatch):
    monkeypatch.setattr("terminals.bundle.holding.MOST_DELTAS", 2)
    publisher = Publisher()
    holding = held(publisher)
    for index in range(4):
        holding.apply_delta(publisher.delta(status={3: {index: INVALID}}), AT)
    assert (holding.seq, len(holding.deltas)) == (14, 2)
    publisher.bring(holding)
    assert holding.deltas == ()


def test_a_delta_may_bring_a_part_whole():
    publisher = Publisher()
    holding = held(publisher)
    publisher.policy = policy(seq=2, sample=7)
    publisher.lists[9] = StatusList(SMALL)
    holding.apply_delta(publisher.delta(whole=("policy", "status")), AT)
    assert [(part.kind, part.name) for part in holding.missing()] == [("policy", "JAP"), ("status", "9")]
    assert (holding.seq, holding.policy and holding.policy.sample) == (10, 100)
    publisher.give(holding)
    assert (holding.seq, holding.policy and holding.policy.sample, holding.status(9, 0)) == (11, 7, 0)


def test_changes_go_on_while_parts_of_a_newer_manifest_are_fetched():
    publisher, behind = Publisher(), Publisher()
    holding = held(publisher)
    ahead = Publisher(seq=15, policy=policy(seq=5))
    holding.update_manifest(ahead.manifest(), AT)
    holding.apply_delta(behind.delta(status={3: {5: INVALID}}), AT)
    assert (holding.seq, holding.status(3, 5)) == (11, INVALID)
    ahead.give(holding)
    assert (holding.seq, holding.status(3, 5)) == (15, 0)


def test_a_manifest_overtaken_by_changes_is_forgotten():
    publisher = Publisher()
    holding = held(publisher)
    next_one = Publisher(seq=11, policy=policy(seq=5))
    holding.update_manifest(next_one.manifest(), AT)
    holding.apply_delta(publisher.delta(status={3: {5: INVALID}}), AT)
    assert (holding.seq, holding.missing()) == (11, [])


def test_whole_parts_wait_until_a_newer_manifest_is_complete():
    publisher = Publisher()
    holding = held(publisher)
    holding.update_manifest(Publisher(seq=15, policy=policy(seq=5)).manifest(), AT)
    publisher.policy = policy(seq=2)
    with pytest.raises(Incomplete):
        holding.apply_delta(publisher.delta(whole=("policy",)), AT)
    assert holding.missing()[0].seq == 15


def test_the_same_state_signed_again_is_younger():
    publisher = Publisher()
    holding = held(publisher)
    manifest = later(publisher, 3 * HOUR, seq=0).manifest()
    holding.update_manifest(manifest, publisher.at)
    holding.update_manifest(manifest, publisher.at)
    assert (holding.seq, holding.floor, holding.stale(AT + 7 * HOUR)) == (10, AT + 3 * HOUR, False)


def refused(holding: Holding, kind: type[BundleRefused], act) -> None:
    """The act is refused and leaves no trace."""
    before = (holding.seq, holding.hash, holding.floor, holding.missing(), holding.trust_list, holding.deltas)
    with pytest.raises(kind) as caught:
        act()
    assert caught.type is kind
    assert before == (holding.seq, holding.hash, holding.floor, holding.missing(), holding.trust_list, holding.deltas)


def test_nothing_older_is_taken():
    publisher = Publisher()
    old, older = publisher.manifest(), Publisher(at=AT - HOUR).manifest()
    holding = held(later(publisher, seq=5))
    refused(holding, Rollback, lambda: holding.update_manifest(old, publisher.at))
    same_number = Publisher(seq=15, at=AT - HOUR)
    refused(holding, Rollback, lambda: holding.update_manifest(same_number.manifest(), publisher.at))
    refused(holding, Rollback, lambda: holding.update_manifest(older, publisher.at))
    delta = Publisher().delta(status={3: {5: INVALID}})
    refused(holding, Rollback, lambda: holding.apply_delta(delta, publisher.at))


def test_nothing_older_than_a_manifest_on_its_way_is_taken():
    holding = held()
    holding.update_manifest(Publisher(seq=20, policy=policy(seq=2)).manifest(), AT)
    refused(holding, Rollback, lambda: holding.update_manifest(Publisher(seq=19).manifest(), AT))


def test_two_states_of_one_number_are_not_taken():
    holding = held()
    other = Publisher(policy=policy(seq=2))
    refused(holding, WrongState, lambda: holding.update_manifest(other.manifest(), AT))


def test_a_gap_is_seen():
    publisher = Publisher()
    holding = held(publisher)
    publisher.delta(status={3: {5: INVALID}})
    second = publisher.delta(status={3: {6: INVALID}})
    refused(holding, Gap, lambda: holding.apply_delta(second, AT))
    refused(blank_with_trust(), SignerUnknown, lambda: blank().apply_delta(second, AT))
    empty = blank_with_trust()
    refused(empty, Gap, lambda: empty.apply_delta(second, AT))


def blank_with_trust() -> Holding:
    holding = blank()
    holding.update_trust(seal("trust", trust_list().encode(), ROOT_KEY), AT)
    return holding


def test_a_delta_that_leads_elsewhere_is_not_taken():
    holding = held()
    elsewhere = Publisher(policy=policy(seq=2))
    refused(holding, WrongState, lambda: holding.apply_delta(elsewhere.delta(status={3: {5: INVALID}}), AT))


def test_a_delta_for_what_is_not_held_is_not_taken():
    more = Publisher()
    more.lists[9] = StatusList(SMALL)
    more.lists[3] = StatusList(2 * SMALL)
    holding = held(Publisher(cards=None))
    refused(holding, WrongState, lambda: holding.apply_delta(more.delta(status={9: {5: INVALID}}), AT))
    refused(holding, WrongState, lambda: holding.apply_delta(replace(more, seq=10).delta(status={3: {SMALL: 1}}), AT))
    refused(holding, WrongState, lambda: holding.apply_delta(replace(more, seq=10).delta(cards={FREE_CARD: 0}), AT))


def test_what_has_ended_is_not_taken():
    publisher = Publisher(at=AT - 49 * HOUR)
    holding = blank_with_trust()
    refused(holding, BundleExpired, lambda: holding.update_manifest(publisher.manifest(), AT))
    ended = seal("trust", trust_list(seq=2, days=0).encode(), ROOT_KEY)
    refused(holding, BundleExpired, lambda: holding.update_trust(ended, AT + HOUR))


def test_another_provider_is_refused():
    holding = held()
    other = Publisher(seq=30, policy=policy(provider="RS", seq=2))
    refused(holding, ForeignProvider, lambda: holding.update_manifest(other.manifest(), AT))


def test_a_policy_of_another_provider_is_refused():
    publisher = Publisher(seq=11, policy=policy(seq=2))
    holding = held()
    publisher.policy = policy(seq=3, provider="RS")
    foreign = publisher.parts()[1]._replace(name="JAP")
    publisher.policy = policy(seq=2)
    publisher.parts = lambda: (*Publisher.parts(publisher)[:1], foreign, *Publisher.parts(publisher)[2:])
    holding.update_manifest(publisher.manifest(), AT)
    refused(holding, ForeignProvider, lambda: publisher.give(holding))


def test_only_keys_of_the_right_role_sign():
    holding = held()
    for signer in (ROOT_KEY, STATUS_KEY, ISSUER, STRANGER):
        publisher = Publisher(seq=11, signer=signer)
        refused(holding, SignerUnknown, lambda publisher=publisher: holding.update_manifest(publisher.manifest(), AT))
        publisher = Publisher(signer=signer)
        delta = publisher.delta(status={3: {5: INVALID}})
        refused(holding, SignerUnknown, lambda delta=delta: holding.apply_delta(delta, AT))
    for signer in (MANIFEST_KEY, STATUS_KEY, ISSUER, STRANGER):
        data = seal("trust", trust_list(seq=2).encode(), signer)
        refused(holding, SignerUnknown, lambda data=data: holding.update_trust(data, AT))


def test_no_object_passes_as_another_kind():
    publisher, holding = Publisher(), held()
    manifest, delta = publisher.manifest(), publisher.delta(status={3: {5: INVALID}})
    refused(holding, SignatureWrong, lambda: holding.apply_delta(manifest, AT))
    refused(holding, SignatureWrong, lambda: holding.update_manifest(delta, AT))


def test_a_key_counts_until_its_end():
    ended = MANIFEST_KEY.entry(municipality="", role=MANIFESTS, verify_until=int(AT.timestamp()))
    others = [entry for entry in trust_list().entries if entry.role != MANIFESTS]
    publisher = Publisher(trust=trust_list(ended, *others))
    holding = held(publisher)
    later(publisher)
    refused(holding, SignerUnknown, lambda: holding.update_manifest(publisher.manifest(), publisher.at))


def test_a_part_is_the_one_that_was_named():
    publisher = Publisher(seq=11, policy=policy(seq=2), lists={0: StatusList(SMALL), 8: StatusList(SMALL)})
    publisher.lists[8].set(1, INVALID)
    holding = held()
    unnamed = publisher.parts()[1]
    refused(holding, NotNamed, lambda: holding.update_part(unnamed, publisher.objects[unnamed.href], AT))
    holding.update_manifest(publisher.manifest(), AT)
    wanted, listed = holding.missing()
    data = publisher.objects[wanted.href]
    other = seal("policy", policy(seq=3).encode(), MANIFEST_KEY)
    assert len(other) == wanted.size
    refused(holding, WrongSize, lambda: holding.update_part(wanted, data + b"\0", AT))
    refused(holding, WrongState, lambda: holding.update_part(wanted, other, AT))
    refused(holding, NotNamed, lambda: holding.update_part(wanted._replace(size=1), data, AT))
    forged = data[:-1] + bytes((data[-1] ^ 1,))
    refused(holding, SignatureWrong, lambda: holding.update_part(wanted, forged, AT))
    forged = publisher.objects[listed.href][:-1] + b"\0"
    refused(holding, SignatureWrong, lambda: holding.update_part(listed, forged, AT))
    publisher.give(holding)
    assert holding.seq == 11


def test_a_status_list_does_not_pass_as_another():
    publisher = Publisher(seq=11)
    publisher.lists = {0: StatusList(SMALL), 3: StatusList(SMALL), 7: StatusList(SMALL)}
    publisher.lists[7].set(9, INVALID)
    parts = publisher.parts()
    swapped = tuple(part._replace(name="8") if part.name == "7" else part for part in parts)
    publisher.parts = lambda: swapped
    holding = held()
    holding.update_manifest(publisher.manifest(), AT)
    refused(holding, WrongState, lambda: publisher.give(holding))


@pytest.mark.parametrize("signer", [STRANGER, MANIFEST_KEY])
def test_a_status_list_counts_when_a_status_key_signed_it(signer):
    publisher = Publisher(seq=11, lists={5: StatusList(SMALL)}, status_key=signer)
    holding = held()
    holding.update_manifest(publisher.manifest(), AT)
    refused(holding, SignerUnknown, lambda: publisher.give(holding))


def test_a_root_hands_over_to_another():
    second = trust_list(SECOND_ROOT.entry(municipality="", role=ROOT), *trust_list().entries[1:], seq=2)
    holding = held()
    holding.update_trust(seal("trust", second.encode(), ROOT_KEY), AT)
    third = replace(second, seq=3)
    refused(holding, SignerUnknown, lambda: holding.update_trust(seal("trust", third.encode(), ROOT_KEY), AT))
    holding.update_trust(seal("trust", third.encode(), SECOND_ROOT), AT)
    assert holding.trust_list == third
    refused(holding, Rollback, lambda: holding.update_trust(seal("trust", second.encode(), SECOND_ROOT), AT))
    other = replace(third, exp=third.exp + 1)
    refused(holding, Rollback, lambda: holding.update_trust(seal("trust", other.encode(), SECOND_ROOT), AT))


def test_a_list_without_roots_leaves_the_root_as_it_is():
    holding = blank()
    for seq in (1, 2):
        data = seal("trust", trust_list(*trust_list().entries[1:], seq=seq).encode(), ROOT_KEY)
        holding.update_trust(data, AT)
    assert holding.trust_list is not None
    assert (holding.trust_list.seq, len(holding.anchor.chain)) == (2, 1)


def without_manifest_key(seq: int = 2):
    new = SECOND_SIGNER.entry(municipality="", role=MANIFESTS)
    kept = [entry for entry in trust_list().entries if entry.role in (ROOT, STATUS_LISTS)]
    return trust_list(new, *kept, ISSUER.entry(), seq=seq)


def test_what_a_withdrawn_key_signed_is_stale_and_binds_no_more():
    publisher = Publisher(seq=10**9, at=AT + timedelta(days=300))
    holding = blank_with_trust()
    publisher.bring(holding)
    assert holding.floor == publisher.at
    holding.update_trust(seal("trust", without_manifest_key().encode(), ROOT_KEY), AT + timedelta(days=300))
    assert (holding.seq, holding.stale(AT), holding.floor) == (None, True, AT)
    assert holding.policy is not None
    refused(holding, SignerUnknown, lambda: holding.apply_delta(publisher.delta(status={3: {5: 1}}), AT))
    honest = Publisher(seq=12, trust=without_manifest_key(), signer=SECOND_SIGNER)
    refused(holding, Gap, lambda: holding.apply_delta(replace(honest).delta(status={3: {5: 1}}), AT))
    honest.bring(holding)
    assert (holding.seq, holding.stale(AT)) == (12, False)


def test_a_manifest_on_its_way_goes_with_its_key():
    holding = held()
    holding.update_manifest(Publisher(seq=20, policy=policy(seq=2)).manifest(), AT)
    holding.update_trust(seal("trust", without_manifest_key().encode(), ROOT_KEY), AT)
    assert holding.missing() == []


def test_a_manifest_that_names_a_list_without_its_own_signer_falls():
    publisher = Publisher(seq=11, trust=without_manifest_key())
    holding = held()
    holding.update_manifest(publisher.manifest(), AT)
    with pytest.raises(SignerUnknown):
        publisher.give(holding)
    assert (holding.seq, holding.missing(), holding.stale(AT)) == (None, [], True)


def test_a_new_signer_takes_over_within_one_manifest():
    both = trust_list(SECOND_SIGNER.entry(municipality="", role=MANIFESTS), *trust_list().entries, seq=2)
    publisher = Publisher(seq=11, trust=both, signer=SECOND_SIGNER, policy=policy(seq=2))
    holding = held()
    with pytest.raises(SignerUnknown):
        holding.update_manifest(publisher.manifest(), AT)
    publisher.bring(holding)
    assert (holding.seq, holding.stale(AT)) == (11, False)


def test_a_trust_list_comes_as_a_part_too():
    publisher = Publisher(seq=11, trust=trust_list(STRANGER.entry(), *trust_list().entries, seq=2))
    holding = held()
    holding.update_manifest(publisher.manifest(), AT)
    assert [part.kind for part in holding.missing()] == ["trust"]
    publisher.give(holding)
    assert (holding.seq, holding.trust_list) == (11, publisher.trust)


def test_no_root_no_holding():
    with pytest.raises(ObjectUnreadable):
        Holding(b"no key")
