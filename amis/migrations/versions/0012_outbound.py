"""Outbound: who reads the feed and how far, webhooks with their keys, and what is delivered to them."""

from alembic import op

from amis.migrations.tenancy import open_to, protect

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE feed_consumer (
    municipality_id integer NOT NULL REFERENCES municipality,
    kind text NOT NULL,
    name text NOT NULL,
    label text NOT NULL,
    after bigint NOT NULL CHECK (after >= 0),
    asked_at timestamptz NOT NULL,
    PRIMARY KEY (municipality_id, kind, name)
);
CREATE TABLE webhook (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    label text NOT NULL CHECK (label <> '' AND length(label) <= 100),
    url text NOT NULL CHECK (length(url) <= 500),
    topics text[] NOT NULL CHECK (cardinality(topics) > 0),
    sender_id uuid,
    state text NOT NULL CHECK (state IN ('waiting', 'active', 'paused', 'disabled', 'ended')),
    why text NOT NULL DEFAULT '',
    cursor bigint NOT NULL CHECK (cursor >= 0),
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    approved_by text CHECK (approved_by <> made_by),
    UNIQUE (municipality_id, id),
    FOREIGN KEY (municipality_id, sender_id) REFERENCES sender (municipality_id, id)
);
CREATE TABLE webhook_key (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    webhook_id uuid NOT NULL,
    version text NOT NULL CHECK (version IN ('v1', 'v1a')),
    wrapped bytea NOT NULL,
    public text CHECK ((version = 'v1a') = (public IS NOT NULL)),
    made_at timestamptz NOT NULL,
    ends_at timestamptz,
    FOREIGN KEY (municipality_id, webhook_id) REFERENCES webhook (municipality_id, id)
);
CREATE INDEX webhook_key_of ON webhook_key (municipality_id, webhook_id, made_at);
"""
# A delivery names an entry of the feed: its content is there once, and is gone when the entry is.
_DELIVERIES = """
CREATE TABLE webhook_delivery (
    municipality_id integer NOT NULL,
    webhook_id uuid NOT NULL,
    seq bigint NOT NULL,
    topic text NOT NULL,
    key text NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'done', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    lease uuid,
    made_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (webhook_id, seq),
    FOREIGN KEY (municipality_id, webhook_id) REFERENCES webhook (municipality_id, id),
    CHECK ((state = 'pending') = (ended_at IS NULL))
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, seq) INCLUDE (due_at, key) WHERE state = 'pending';
CREATE INDEX webhook_delivery_key ON webhook_delivery (webhook_id, key, seq) WHERE state = 'pending';
CREATE INDEX webhook_delivery_dead ON webhook_delivery (webhook_id, seq) WHERE state = 'dead';
CREATE TABLE webhook_attempt (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL,
    webhook_id uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    took_ms integer NOT NULL CHECK (took_ms >= 0),
    status integer,
    error text NOT NULL,
    answer text NOT NULL,
    FOREIGN KEY (webhook_id, seq) REFERENCES webhook_delivery ON DELETE CASCADE
);
CREATE INDEX webhook_attempt_of ON webhook_attempt (webhook_id, seq, at);
"""
_WORKER = {
    "webhook": "SELECT, UPDATE (cursor)",
    "webhook_key": "SELECT",
    "webhook_delivery": "SELECT, INSERT, UPDATE, DELETE",
    "webhook_attempt": "SELECT, INSERT",
}


def upgrade() -> None:
    """Creates the room's tables; the worker (role amis_worker) delivers for every municipality."""
    op.execute(_TABLES)
    op.execute(_DELIVERIES)
    protect("feed_consumer", grants="SELECT, INSERT, UPDATE")
    protect("webhook", grants="SELECT, INSERT, UPDATE (state, why, approved_by)")
    protect("webhook_key", grants="SELECT, INSERT, UPDATE (ends_at)")
    protect("webhook_delivery", grants="SELECT, INSERT, UPDATE (state, attempts, due_at, lease, ended_at)")
    protect("webhook_attempt", grants="SELECT")
    for table, grants in _WORKER.items():
        open_to("amis_worker", table, grants)


def downgrade() -> None:
    """Takes the room away."""
    op.execute("DROP TABLE webhook_attempt, webhook_delivery, webhook_key, webhook, feed_consumer")
