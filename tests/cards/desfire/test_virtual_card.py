"""Every command against the virtual card: another author's reading of the same protocol, EV1 and EV2."""

import pytest

from cards.desfire import commands as c
from cards.desfire.authenticate import Scheme, authenticate
from cards.desfire.command import Mode
from cards.desfire.procedure import run
from cards.desfire.session import PlainSession
from cards.desfire.status import Status
from cards.desfire.version import get_version
from cards.errors import AuthenticationFailed, CardRefused
from cards.simcard import Version, VirtualCard

UID = bytes.fromhex("04782e21801d80")
AID = bytes.fromhex("d00af4")
ZERO, NEW = bytes(16), bytes(range(16))
RIGHTS = 0x1230
SCHEMES = pytest.mark.parametrize("scheme", [Scheme.EV1, Scheme.EV2])
MODES = pytest.mark.parametrize("mode", [Mode.PLAIN, Mode.MAC, Mode.FULL])
DATA = bytes(range(200))


def card_for(scheme: Scheme) -> VirtualCard:
    return VirtualCard(UID, version=Version.EV2 if scheme is Scheme.EV2 else Version.EV1)


def in_application(scheme: Scheme):
    """A card with an empty application, and a session in it."""
    card = card_for(scheme)
    run(PlainSession().batch([c.create_application(AID, 0x0B, 6 | c.AES_KEY)]), card.process)
    return card, session(card, scheme, 0)


def session(card: VirtualCard, scheme: Scheme, number: int, key: bytes = ZERO):
    opened = authenticate(scheme, number, key, first=[c.select_application(AID)])
    return run(opened, card.process)[0]


def refused(procedure, card: VirtualCard) -> Status:
    with pytest.raises(CardRefused) as refusal:
        run(procedure, card.process)
    return refusal.value.status


@SCHEMES
def test_the_version_tells_how_to_authenticate(scheme):
    version = run(get_version(), card_for(scheme).process)
    assert (version.uid, version.storage, version.scheme) == (UID, 4096, scheme)


@SCHEMES
@MODES
@pytest.mark.parametrize("create", [c.create_standard_file, c.create_backup_file])
def test_bytes_are_written_and_read_in_several_frames(scheme, mode, create):
    card, keyed = in_application(scheme)
    run(keyed.batch([create(1, mode, RIGHTS, 256)]), card.process)
    both = session(card, scheme, 3)
    run(both.batch([c.write_data(1, 5, DATA, mode)]), card.process)
    if create is c.create_backup_file:
        run(both.batch([c.commit()]), card.process)
    reading = [c.read_data(1, 5, 200, mode), c.read_data(1, 200, 0, mode)]
    assert run(both.batch(reading), card.process) == [DATA, DATA[195:] + bytes(51)]


@SCHEMES
@MODES
def test_a_counter_goes_up_and_down_with_each_commit(scheme, mode):
    card, keyed = in_application(scheme)
    run(keyed.batch([c.create_value_file(5, mode, RIGHTS, -5, 100, 10)]), card.process)
    both = session(card, scheme, 3)
    changes = [c.credit(5, 7, mode), c.commit(), c.debit(5, 20, mode), c.commit(), c.debit(5, 2, mode), c.abort()]
    *_, answer = run(both.batch([*changes, c.get_value(5, mode)]), card.process)
    assert c.value_of(answer) == -3
    assert refused(both.batch([c.debit(5, 3, mode)]), card) is Status.BOUNDARY_ERROR


@SCHEMES
@MODES
@pytest.mark.parametrize("create", [c.create_linear_file, c.create_cyclic_file])
def test_records_are_kept_in_order(scheme, mode, create):
    card, keyed = in_application(scheme)
    run(keyed.batch([create(6, mode, RIGHTS, 40, 4)]), card.process)
    both = session(card, scheme, 3)
    records = [bytes((number,)) * 40 for number in range(3)]
    writes = [step for record in records for step in (c.write_record(6, 0, record, mode), c.commit())]
    run(both.batch(writes), card.process)
    reading = [c.read_records(6, 0, 1, 40, mode), c.read_records(6, 1, 2, 40, mode), c.read_records(6, 0, 0, 40, mode)]
    assert run(both.batch(reading), card.process) == [records[2], records[0] + records[1], b"".join(records)]
    run(both.batch([c.clear_record_file(6), c.commit()]), card.process)
    assert refused(both.batch([c.read_records(6, 0, 1, 40, mode)]), card) is Status.BOUNDARY_ERROR


@SCHEMES
@MODES
def test_what_is_free_for_all_is_plain_under_another_key(scheme, mode):
    card, keyed = in_application(scheme)
    run(keyed.batch([c.create_standard_file(1, mode, 0xE330, 32)]), card.process)
    run(session(card, scheme, 3).batch([c.write_data(1, 0, DATA[:32], mode)]), card.process)
    plain = c.read_data(1, 0, 32, Mode.PLAIN)
    assert run(session(card, scheme, 1).batch([plain]), card.process) == [DATA[:32]]
    assert run(PlainSession().batch([c.select_application(AID), plain]), card.process) == [b"", DATA[:32]]


@SCHEMES
def test_keys_are_changed_by_the_master_of_the_application_and_by_themselves(scheme):
    card, keyed = in_application(scheme)
    run(keyed.batch([c.change_key(keyed, 2, NEW, 7, ZERO), c.get_key_version(2)]), card.process)
    run(keyed.batch([c.change_key(keyed, 0, NEW, 8)]), card.process)
    again = session(card, scheme, 0, NEW)
    assert run(again.batch([c.get_key_version(number) for number in (0, 1, 2)]), card.process) == [
        b"\x08",
        b"\0",
        b"\x07",
    ]
    assert session(card, scheme, 2, NEW).key_number == 2
    with pytest.raises(AuthenticationFailed):
        session(card, scheme, 0, ZERO)


@SCHEMES
def test_the_master_key_of_a_new_card_becomes_aes(scheme):
    card = card_for(scheme)
    factory, _ = run(authenticate(Scheme.FACTORY, 0, ZERO), card.process)
    run(factory.batch([c.get_card_uid(), c.change_key(factory, c.AES_KEY, NEW, 3)]), card.process)
    master, (uid, version, settings) = run(
        authenticate(scheme, 0, NEW, then=[c.get_card_uid(), c.get_key_version(0), c.get_key_settings()]), card.process
    )
    assert (uid, version, settings[1] & c.AES_KEY) == (UID, b"\x03", c.AES_KEY)
    run(master.batch([c.change_key_settings(0x0B), c.set_configuration(0, b"\0")]), card.process)
    assert run(master.batch([c.get_key_settings()]), card.process)[0][0] == 0x0B


@SCHEMES
def test_applications_and_files_come_and_go(scheme):
    card, keyed = in_application(scheme)
    sizes = [c.create_standard_file(1, Mode.MAC, RIGHTS, 32), c.create_value_file(2, Mode.FULL, RIGHTS, 0, 9, 1)]
    _, _, listed = run(keyed.batch([*sizes, c.get_file_ids()]), card.process)
    assert sorted(listed) == [1, 2]
    settings = [c.get_file_settings(1, 7), c.change_file_settings(1, Mode.FULL, 0x1330), c.get_file_settings(1)]
    first, _, second = run(keyed.batch(settings), card.process)
    assert (first.hex(), second.hex()) == ("00013012200000", "00033013200000")
    _, listed = run(keyed.batch([c.delete_file(2), c.get_file_ids()]), card.process)
    assert listed == b"\x01"
    assert refused(keyed.batch([c.delete_file(9)]), card) is Status.FILE_NOT_FOUND


def test_many_applications_are_listed_in_two_frames():
    card = card_for(Scheme.EV1)
    aids = [bytes((number, 1, 1)) for number in range(1, 26)]
    run(PlainSession().batch([c.create_application(aid, 0x0F, 1 | c.AES_KEY) for aid in aids]), card.process)
    assert run(PlainSession().batch([c.get_application_ids()]), card.process) == [b"".join(aids)]
    (free,) = run(PlainSession().batch([c.free_memory()]), card.process)
    master, _ = run(authenticate(Scheme.FACTORY, 0, ZERO), card.process)
    _, listed = run(master.batch([c.delete_application(aids[0]), c.get_application_ids()]), card.process)
    assert listed == b"".join(aids[1:])
    _, listed, more = run(master.batch([c.format_picc(), c.get_application_ids(), c.free_memory()]), card.process)
    assert listed == b""
    assert int.from_bytes(more, "little") > int.from_bytes(free, "little")
