"""The card's end of a session, computed apart from the library: CMAC from cryptography, everything else by hand."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.cmac import CMAC

from cards.desfire.authenticate import Scheme
from cards.desfire.command import Mode

FRAME = 59
NONCE = bytes(range(0xB0, 0xC0))


def algorithm(scheme: Scheme, key: bytes):
    return TripleDES(key + key[:8]) if scheme is Scheme.FACTORY else AES128(key)


def crc(data: bytes) -> bytes:
    return (zlib.crc32(data) ^ 0xFFFFFFFF).to_bytes(4, "little")


@dataclass
class Rule:
    """How one command travels: bytes of header, bytes of data and their mode, the answer and its mode."""

    header: int = 0
    data: int = 0
    out: Mode = Mode.USUAL
    back: Mode = Mode.USUAL
    answer: bytes = b""
    sized: bool = True
    ends: bool = False
    tail: int = 0
    status: int = 0


@dataclass
class Peer:
    """A card with one key that knows the commands of `rules`; `received` holds what they brought, in clear."""

    scheme: Scheme
    key: bytes
    rules: dict[int, Rule] = field(default_factory=dict)
    nonce: bytes = NONCE
    transaction: bytes = b"\x9d\x00\xc4\xdf"
    received: list[tuple[int, bytes, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._coming: tuple[int, bytes, int] | None = None
        self._going = b""
        self._challenge: bytes | None = None
        self.session = None

    def __call__(self, apdu: bytes) -> bytes:
        assert (apdu[0], apdu[2:4], apdu[-1]) == (0x90, b"\0\0", 0)
        data = apdu[5:-1]
        assert len(apdu) == 5 or (apdu[4] == len(data) and 0 < len(data) <= FRAME)
        return self._frame(apdu[1], data)

    def _frame(self, code: int, data: bytes) -> bytes:
        if code == 0xAF and self._challenge is not None:
            return self._finish(data)
        if code == 0xAF and self._going:
            return self._chunk(self._going)
        if code == 0xAF:
            if self._coming is None:
                return self._refused(0x1C)
            code, data = self._coming[0], self._coming[1] + data
        self._coming = None
        if code in (0x1A, 0xAA, 0x71):
            return self._begin(code)
        rule = self.rules[code]
        wanted = self._wanted(rule)
        if len(data) < wanted:
            self._coming = (code, data, wanted)
            return b"\x91\xaf"
        assert len(data) == wanted
        return self._command(code, rule, data)

    def _refused(self, status: int) -> bytes:
        self.session = None
        return bytes((0x91, status))

    def _chunk(self, body: bytes) -> bytes:
        self._going = body[FRAME:]
        return body[:FRAME] + (b"\x91\xaf" if self._going else b"\x91\x00")

    # authentication

    @property
    def block(self) -> int:
        return 8 if self.scheme is Scheme.FACTORY else 16

    def cbc(self, key: bytes, iv: bytes, data: bytes, encrypt: bool = True) -> bytes:
        keyed = Cipher(algorithm(self.scheme, key), modes.CBC(iv))
        return (keyed.encryptor() if encrypt else keyed.decryptor()).update(data)

    def _begin(self, code: int) -> bytes:
        self.session = None
        if code != self.scheme:
            return b"\x91\xae"
        self._challenge = self.cbc(self.key, bytes(self.block), self.nonce[: self.block])
        return self._challenge + b"\x91\xaf"

    def _finish(self, data: bytes) -> bytes:
        challenge, self._challenge = self._challenge, None
        zero, b = bytes(self.block), self.nonce[: self.block]
        plain = self.cbc(self.key, zero if self.scheme is Scheme.EV2 else challenge, data, encrypt=False)
        a = plain[: self.block]
        if len(plain) != 2 * self.block or plain[self.block :] != b[1:] + b[:1]:
            return b"\x91\xae"
        if self.scheme is Scheme.EV2:
            self.session = EV2Side(self, a, b)
            return self.cbc(self.key, zero, self.transaction + a[1:] + a[:1] + bytes(12)) + b"\x91\x00"
        self.session = EV1Side(self, a, b)
        return self.cbc(self.key, data[-self.block :], a[1:] + a[:1]) + b"\x91\x00"

    # commands

    def _wanted(self, rule: Rule) -> int:
        if self.session is None:
            return rule.header + rule.data
        return rule.header + self.session.size(rule)

    def _command(self, code: int, rule: Rule, payload: bytes) -> bytes:
        header, data = payload[: rule.header], payload[rule.header :]
        if self.session is not None:
            data = self.session.take(code, rule, header, data)
        self.received.append((code, header, data))
        if rule.status:
            return self._refused(rule.status)
        body = rule.answer if self.session is None or rule.ends else self.session.give(rule)
        if rule.ends:
            self.session = None
        return self._chunk(body)


class EV1Side:
    def __init__(self, peer: Peer, a: bytes, b: bytes) -> None:
        self.peer, self.block = peer, peer.block
        self.iv = bytes(peer.block)
        key = a[:4] + b[:4] + (a[12:] + b[12:] if peer.block == 16 else a[4:8] + b[4:8])
        # 3DES with two equal halves is DES, and so is its session
        self.key = key[:8] * 2 if peer.block == 8 and peer.key[:8] == peer.key[8:] else key

    def mac(self, message: bytes) -> bytes:
        # E(D(IV)) is the IV: one more block in front makes an ordinary CMAC of a chained one
        keyed = CMAC(algorithm(self.peer.scheme, self.key))
        keyed.update(self.peer.cbc(self.key, bytes(self.block), self.iv, encrypt=False) + message)
        self.iv = keyed.finalize()
        return self.iv[:8]

    def size(self, rule: Rule) -> int:
        if rule.out is Mode.FULL:
            return -(-(rule.data + 4 + rule.tail) // self.block) * self.block
        return rule.data + (8 if rule.out is Mode.MAC else 0)

    def take(self, code: int, rule: Rule, header: bytes, data: bytes) -> bytes:
        command = bytes((code,)) + header
        if rule.out is Mode.FULL:
            plain = self.peer.cbc(self.key, self.iv, data, encrypt=False)
            self.iv = data[-self.block :]
            found, check = plain[: rule.data], plain[rule.data : rule.data + 4]
            assert check == crc(command + found)
            assert not any(plain[rule.data + 4 + rule.tail :])
            return found + plain[rule.data + 4 : rule.data + 4 + rule.tail]
        mac = self.mac(command + data[: rule.data])
        assert data[rule.data :] == (mac if rule.out is Mode.MAC else b"")
        return data[: rule.data]

    def give(self, rule: Rule) -> bytes:
        if rule.back is not Mode.FULL:
            return rule.answer + self.mac(rule.answer + b"\0")
        plain = rule.answer + crc(rule.answer + b"\0") + (b"" if rule.sized else b"\x80")
        sealed = self.peer.cbc(self.key, self.iv, plain + bytes(-len(plain) % self.block))
        self.iv = sealed[-self.block :]
        return sealed


class EV2Side:
    def __init__(self, peer: Peer, a: bytes, b: bytes) -> None:
        self.peer, self.counter = peer, 0
        context = a[:2] + bytes(x ^ y for x, y in zip(a[2:8], b[:6], strict=True)) + b[6:] + a[8:]
        self.enc, self.key = (
            self._full(peer.key, label + b"\x00\x01\x00\x80" + context) for label in (b"\xa5\x5a", b"\x5a\xa5")
        )

    def _full(self, key: bytes, message: bytes) -> bytes:
        keyed = CMAC(AES128(key))
        keyed.update(message)
        return keyed.finalize()

    def _state(self) -> bytes:
        return bytes((self.counter & 255, self.counter >> 8))

    def mac(self, first: int, data: bytes) -> bytes:
        return self._full(self.key, bytes((first,)) + self._state() + self.peer.transaction + data)[1::2]

    def _iv(self, label: bytes) -> bytes:
        return self.peer.cbc(self.enc, bytes(16), label + self.peer.transaction + self._state() + bytes(8))

    def size(self, rule: Rule) -> int:
        if rule.out is Mode.FULL:
            return ((rule.data + rule.tail) // 16 + 1) * 16 + 8
        return rule.data + (0 if rule.out is Mode.PLAIN else 8)

    def take(self, code: int, rule: Rule, header: bytes, data: bytes) -> bytes:
        if rule.out is Mode.PLAIN:
            return data
        data, mac = data[:-8], data[-8:]
        assert mac == self.mac(code, header + data)
        if rule.out is not Mode.FULL:
            return data
        plain = self.peer.cbc(self.enc, self._iv(b"\xa5\x5a"), data, encrypt=False)
        size = rule.data + rule.tail
        assert plain[size:] == b"\x80" + bytes(len(plain) - size - 1)
        return plain[:size]

    def give(self, rule: Rule) -> bytes:
        self.counter += 1
        if rule.back is Mode.PLAIN:
            return rule.answer
        data = rule.answer
        if rule.back is Mode.FULL:
            plain = data + b"\x80" + bytes(-(len(data) + 1) % 16)
            data = self.peer.cbc(self.enc, self._iv(b"\x5a\xa5"), plain)
        return data + self.mac(0, data)


def replay(*trace: tuple[str, str]) -> Callable[[bytes], bytes]:
    """A card that answers exactly these commands, in hexadecimal, in this order."""
    waiting = list(trace)

    def transmit(apdu: bytes) -> bytes:
        command, answer = waiting.pop(0)
        assert apdu.hex() == command.replace(" ", "").lower()
        return bytes.fromhex(answer)

    return transmit


def counted(procedure, transmit):
    """The result of `procedure` and the sizes of the lists that it took."""
    sizes = []
    try:
        steps = next(procedure)
        while True:
            answers = []
            sizes.append(len(steps))
            for step in steps:
                answers.append(transmit(step.apdu))
                if step.expect is not None and not answers[-1].startswith(step.expect):
                    break
            steps = procedure.send(answers)
    except StopIteration as end:
        return end.value, sizes
