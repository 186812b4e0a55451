"""Signed content: minting and verifying against the bare signature, the decider alone, and QR symbols."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cards import cose, qr
from cards.credential import mint_static, new_cti, status_number, verify
from cards.trust import Trust, TrustEntry
from rules.claim import EntitlementClaim, Holder, LastTap, Memory, Tap, TerminalState, TokenState
from rules.decision import decide, local
from rules.period import Days
from rules.tariff import Discount, DiscountKind, Per, Quota
from rules.terms import Place, Terms
from tests.bench.numbers import cost_us, median
from tests.bench.report import Goal, Section
from tests.bench.scale import Scale

_ECDSA = ec.ECDSA(SHA256())
_MESSAGE = b"as long as the signed bytes of a credential" * 3
_AT = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
NOTES = (
    "verify and mint: AM1 text with three rights, base45 and CBOR included; raw: the same curve and hash by "
    "cryptography alone. decide(): a holder of three rights with quotas and an earlier tap.",
    "QR: alphanumeric symbol of a whole credential, level M, best of all masks; its picture is not drawn.",
)


class _BareKey:
    """A P-256 key outside any key store, so that minting is compared with the same bare signature."""

    algorithm = cose.ESP256

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.der = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.kid = cose.thumbprint(self.key.public_key())[:4]

    def sign(self, data: bytes) -> bytes:
        """The raw 64 bytes, r and s."""
        r, s = decode_dss_signature(self.key.sign(data, _ECDSA))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@cache
def _key() -> _BareKey:
    return _BareKey()


def _text() -> str:
    return mint_static(
        _key(),
        status=status_number(1, 77),
        rights=[(code, date(2027, 1, 1)) for code in (101, 102, 103)],
        cti=new_cti(),
        issued=_AT,
        expires=_AT + timedelta(days=300),
    )


def raw_verify_us(times: int = 2_000) -> float:
    """CPU microseconds of one bare ES256 verification by cryptography."""
    public, signature = _key().key.public_key(), _key().key.sign(_MESSAGE, _ECDSA)
    return cost_us(lambda: public.verify(signature, _MESSAGE, _ECDSA), times)


def _deciding() -> Callable[[], object]:
    day, minute = local(_AT)
    place, always = Place("AUTOOSTA", "JLG-BUS", "bus", "city"), Days.parse("{[2020-01-01,)}")
    codes = ("a", "b", "c")
    claims = tuple(
        EntitlementClaim(code, 1, "JLG", always, Discount(DiscountKind.PERCENT, Decimal(50)), Quota(20, Per.MONTH))
        for code in codes
    )
    memory = Memory({(code, day.replace(day=1)): 3 for code in codes}, last=(LastTap(_AT - timedelta(hours=1), place),))
    tap, holder = Tap(_AT, day, minute, place, "single", Decimal("0.85")), Holder(TokenState.ACTIVE, claims)
    terms, online = {(code, 1): Terms() for code in codes}, TerminalState()
    return lambda: decide(tap, holder, terms, memory, online)


def credentials(scale: Scale) -> Section:
    """Medians of interleaved rounds in this process."""
    text, trust = _text(), Trust([TrustEntry(_key().kid, _key().der, "JLG")])
    works: dict[str, tuple[Callable[[], object], int]] = {
        "text -> verified claims": (lambda: verify(text, trust, _AT), 2_000),
        "raw ES256 sign": (lambda: _key().key.sign(_MESSAGE, _ECDSA), 2_000),
        "mint": (_text, 2_000),
        "decide()": (_deciding(), 10_000),
        "QR symbol": (lambda: qr.matrix(text), 5),
    }
    costs: dict[str, list[float]] = {"raw ES256 verify": []}
    for _ in range(scale.rounds):
        costs["raw ES256 verify"].append(raw_verify_us())
        for name, (work, times) in works.items():
            costs.setdefault(name, []).append(cost_us(work, times))
    us = {name: median(found) for name, found in costs.items()}
    ratio = us["raw ES256 verify"] / us["text -> verified claims"]
    goals = (Goal("raw ES256 verify / text -> claims", ratio, 0.75, at_most=False),)
    rows = [(name, one, 1e6 / one) for name, one in us.items()]
    return Section("Credentials and the decider, one core", ("work", "CPU us", "a second"), rows, goals, NOTES)
