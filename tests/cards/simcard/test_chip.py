"""Transactions against a model of a few lines: any order of commands, power lost before or after any of them."""

from copy import deepcopy
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cards.desfire.status import Status
from cards.errors import PowerLost
from cards.simcard import VirtualCard
from tests.cards.simcard.raw import AID, OTHER, UID, done, little, span, told, with_files

AMOUNTS = st.integers(0, 60)
RECORDS = st.binary(min_size=1, max_size=8)
PIECES = st.binary(min_size=1, max_size=40)


@dataclass
class Files:
    """What an application holds."""

    standard: bytes = bytes(40)
    backup: bytes = bytes(40)
    value: int = 50
    refund: int = 0
    linear: list[bytes] = field(default_factory=list)
    cyclic: list[bytes] = field(default_factory=list)


@dataclass
class Draft:
    """What the next commit makes of it; None: untouched."""

    backup: bytes | None = None
    value: int | None = None
    refund: int = 0
    debited: int = 0
    records: dict[str, bytes | None] = field(default_factory=dict)

    def touched(self) -> bool:
        return self.backup is not None or self.value is not None or bool(self.records)

    def commit(self, files: Files) -> None:
        files.backup = files.backup if self.backup is None else self.backup
        if self.value is not None:
            files.value, files.refund = self.value, self.debited or self.refund
        for name, record in self.records.items():
            found = getattr(files, name)
            found[:] = [] if record is None else ([*found, record])[-3:]


class Transactions(RuleBasedStateMachine):
    """Two applications with one file of each type; what the card says is what the model says."""

    @initialize()
    def begin(self) -> None:
        self.card = with_files(with_files(VirtualCard(UID), OTHER), AID)
        self.files = {AID: Files(), OTHER: Files()}
        self.selected, self.draft = AID, Draft()

    @property
    def here(self) -> Files:
        return self.files[self.selected]

    def forget(self) -> None:
        self.draft = Draft()

    def expect(self, outcome: Status, code: int, payload: bytes = b"") -> bool:
        status, _ = told(self.card, code, payload)
        assert status is outcome
        if status is not Status.OK:
            self.forget()
        return status is Status.OK

    @rule(aid=st.sampled_from([AID, OTHER]))
    def select(self, aid: bytes) -> None:
        done(self.card, 0x5A, aid)
        self.selected = aid
        self.forget()

    @rule(offset=st.integers(0, 45), data=PIECES)
    def write_standard(self, offset: int, data: bytes) -> None:
        fits = offset + len(data) <= 40
        if self.expect(Status.OK if fits else Status.BOUNDARY_ERROR, 0x3D, span(1, offset, len(data)) + data):
            self.here.standard = self.here.standard[:offset] + data + self.here.standard[offset + len(data) :]

    @rule(offset=st.integers(0, 45), data=PIECES)
    def write_backup(self, offset: int, data: bytes) -> None:
        fits = offset + len(data) <= 40
        if self.expect(Status.OK if fits else Status.BOUNDARY_ERROR, 0x3D, span(2, offset, len(data)) + data):
            old = self.here.backup if self.draft.backup is None else self.draft.backup
            self.draft.backup = old[:offset] + data + old[offset + len(data) :]

    def change_value(self, code: int, amount: int, change: int, allowed: bool = True) -> bool:
        before = self.here.value if self.draft.value is None else self.draft.value
        if self.draft.value is None:
            self.draft.refund = self.here.refund
        fits = allowed and 0 <= before + change <= 100
        if self.expect(Status.OK if fits else Status.BOUNDARY_ERROR, code, b"\x03" + little(amount, 4)):
            self.draft.value = before + change
        return fits

    @rule(amount=AMOUNTS)
    def credit(self, amount: int) -> None:
        self.change_value(0x0C, amount, amount)

    @rule(amount=AMOUNTS)
    def debit(self, amount: int) -> None:
        if self.change_value(0xDC, amount, -amount):
            self.draft.debited += amount

    @rule(amount=AMOUNTS)
    def give_back(self, amount: int) -> None:
        left = self.here.refund if self.draft.value is None else self.draft.refund
        if self.change_value(0x1C, amount, amount, amount <= left):
            self.draft.refund = 0

    @rule(name=st.sampled_from(["linear", "cyclic"]), data=RECORDS)
    def write_record(self, name: str, data: bytes) -> None:
        cleared = self.draft.records.get(name, b"") is None
        full = name == "linear" and len(self.here.linear) == 3
        outcome = Status.PERMISSION_DENIED if cleared else Status.BOUNDARY_ERROR if full else Status.OK
        if self.expect(outcome, 0x3B, span(4 if name == "linear" else 5, 0, len(data)) + data):
            old = self.draft.records.get(name) or bytes(8)
            self.draft.records[name] = data + old[len(data) :]

    @rule(name=st.sampled_from(["linear", "cyclic"]))
    def clear(self, name: str) -> None:
        done(self.card, 0xEB, b"\x04" if name == "linear" else b"\x05")
        self.draft.records[name] = None

    @rule()
    def commit(self) -> None:
        if self.expect(Status.OK if self.draft.touched() else Status.NO_CHANGES, 0xC7):
            self.draft.commit(self.here)
            self.forget()

    @rule()
    def abort(self) -> None:
        self.expect(Status.OK if self.draft.touched() else Status.NO_CHANGES, 0xA7)
        self.forget()

    @rule()
    def refused(self) -> None:
        self.expect(Status.FILE_NOT_FOUND, 0xDF, b"\x09")

    @rule(after=st.booleans())
    def torn_in_a_commit(self, after: bool) -> None:
        self.card.cut(**{"after" if after else "before": 1})
        try:
            self.card.process(bytes.fromhex("90c7000000"))
            raise AssertionError("the power was not cut")
        except PowerLost:
            self.card.power_on()
        if after:
            self.draft.commit(self.here)
        self.select(self.selected)

    @rule()
    def saved_and_loaded(self) -> None:
        self.card = VirtualCard.load(self.card.saved())
        self.select(self.selected)

    @rule()
    def snapshot_and_restored(self) -> None:
        memory, files = self.card.snapshot(), deepcopy(self.files)
        done(self.card, 0x3D, span(1, 0, 1) + b"?")
        self.card.restore(memory)
        assert self.files == files
        self.select(self.selected)

    @invariant()
    def the_card_shows_what_was_committed(self) -> None:
        here = self.here
        assert done(self.card, 0xBD, span(1, 0, 0)) == here.standard
        assert done(self.card, 0xBD, span(2, 0, 0)) == here.backup
        assert int.from_bytes(done(self.card, 0x6C, b"\x03"), "little", signed=True) == here.value
        for number, records in ((4, here.linear), (5, here.cyclic)):
            assert int.from_bytes(done(self.card, 0xF5, bytes((number,)))[-3:], "little") == len(records)
            # reading an empty file is refused, and a refusal ends the transaction
            if records:
                assert done(self.card, 0xBB, span(number, 0, 0)) == b"".join(records)


TestTransactions = Transactions.TestCase
TestTransactions.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
