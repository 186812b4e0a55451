from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from sync.errors import KeyUnreadable
from sync.spdci.key import draw_key, own_key, public_key

# RFC 8037, appendices A.1 and A.2.
X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
SEED = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"


def test_the_published_key_pair_is_read() -> None:
    seed = base64.urlsafe_b64decode(SEED + "=")
    assert json.loads(own_key("k", seed).public_jwk())["x"] == X
    assert own_key("k", seed).seed == seed
    key = public_key(json.dumps({"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "k"}))
    assert key.fits(b"content", own_key("k", seed).key.sign(b"content"))
    assert not key.fits(b"other", own_key("k", seed).key.sign(b"content"))


GOOD = json.loads(draw_key("k").public_jwk())
UNREADABLE: list[Any] = [
    [],
    GOOD | {"kid": None},
    GOOD | {"kid": "a|b"},
    GOOD | {"x": "AAAA"},
    GOOD | {"x": "*"},
    GOOD | {"crv": "X25519"},
    GOOD | {"alg": "ES256"},
    GOOD | {"d": SEED},
    GOOD | {"kty": "RSA"},
    GOOD | {"kty": []},
]


@pytest.mark.parametrize("jwk", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_is_no_public_key_is_refused(jwk: Any) -> None:
    with pytest.raises(KeyUnreadable):
        public_key(json.dumps(jwk))


def test_text_that_is_no_json_is_no_key() -> None:
    for text in ("", "whpk_AAAA", "\ud800"):
        with pytest.raises(KeyUnreadable):
            public_key(text)
