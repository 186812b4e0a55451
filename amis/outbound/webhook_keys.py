"""The keys that sign what a webhook is sent: a shared secret (v1) and an Ed25519 pair (v1a), turned over by steps."""

import base64
import secrets
from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.keys import STAFF, keystore
from amis.outbound.models import Webhook, WebhookKey
from sync.signature import PrivateKey, SharedKey, signing_key

OVERLAP = timedelta(hours=24)
"""How long the old keys sign beside the new ones, so that a receiver has time to learn these."""


def add_keys(tx: Transaction, webhook: Webhook) -> str:
    """Gives a webhook a new key of each kind; returns the shared one (`whsec_...`), which is never shown again."""
    shared = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    pair = Ed25519PrivateKey.generate()
    private = "whsk_" + base64.b64encode(pair.private_bytes_raw() + pair.public_key().public_bytes_raw()).decode()
    for version, text, public in (("v1", shared, None), ("v1a", private, PrivateKey(pair).public().to_text())):
        key_id = new_id()
        tx.session.add(
            WebhookKey(
                id=key_id,
                municipality_id=webhook.municipality_id,
                webhook_id=webhook.id,
                version=version,
                wrapped=keystore().wrap(STAFF, text.encode(), _place(key_id)),
                public=public,
                made_at=tx.at,
            )
        )
    return shared


def opened(key_id: UUID, wrapped: bytes) -> SharedKey | PrivateKey:
    """The key that signs.

    Raises:
        cards.errors.CardsError: it belongs to another row or was damaged.
    """
    return signing_key(keystore().unwrap(STAFF, wrapped, _place(key_id)).decode())


def _place(key_id: UUID) -> bytes:
    return b"webhook_key|wrapped|" + key_id.bytes
