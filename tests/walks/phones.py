"""A phone with a credential of its own, for tests that need no page of the holder."""

from datetime import date

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from amis.kernel import clock
from amis.kernel.keys import keystore
from cards.claims import Claims, Right
from cards.cose import sign
from cards.credential import mint
from cards.keys import KeySigner
from cards.presentation import present


def on_a_phone(status: int, code: int = 1) -> str:
    """What a phone shows now whose key is bound to that token; `code` is the public code of its right."""
    at, phone = int(clock.now().timestamp()), ec.generate_private_key(ec.SECP256R1())
    point = phone.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    last = date(clock.today().year, 12, 31)
    claims = Claims(iat=at, exp=at + 86_400, status=status, rights=(Right(code, last),), device=point)
    credential = mint(KeySigner.of(keystore(), "issuer/JLG"), claims)
    return present(credential, lambda content: sign(phone, content), at)
