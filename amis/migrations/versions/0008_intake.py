"""Intake: senders and their keys, the ledger of records, arrivals, quarantine."""

from alembic import op

from amis.migrations.batch_tables import create_batches, drop_batches
from amis.migrations.freshness_tables import create_freshness, drop_freshness
from amis.migrations.notice_file_tables import create_notice_files, drop_notice_files
from amis.migrations.spdci_tables import create_registries, drop_registries
from amis.migrations.tenancy import hot_function, open_to, protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Rows come by the hundred thousand: what they name (municipality, sender, person, arrival) is held or written in their
# own transaction and never deleted, so it is not looked up once more for each.
_TABLES = """
CREATE TABLE sender (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    source text NOT NULL,
    label text NOT NULL,
    mapping jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'suspended')),
    heard_at timestamptz,
    UNIQUE (municipality_id, source),
    UNIQUE (municipality_id, id)
);
CREATE TABLE sender_key (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    sender_id uuid NOT NULL,
    wrapped bytea NOT NULL,
    kid text,
    state text NOT NULL CHECK (state IN ('active', 'revoked')),
    recorded_at timestamptz NOT NULL,
    UNIQUE (sender_id, kid),
    FOREIGN KEY (municipality_id, sender_id) REFERENCES sender (municipality_id, id)
);
CREATE INDEX sender_key_sender ON sender_key (municipality_id, sender_id);
CREATE TABLE notice_arrival (
    id uuid PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    municipality_id integer NOT NULL,
    sender_id uuid NOT NULL,
    key_id uuid NOT NULL REFERENCES sender_key,
    message_id text NOT NULL,
    event_id text,
    type text,
    record_id text,
    version bigint,
    verdict text NOT NULL
        CHECK (verdict IN ('applied', 'unchanged', 'stale', 'conflict', 'rejected', 'held', 'unsupported')),
    error_code text,
    error_pointer text,
    sent_at timestamptz,
    received_at timestamptz NOT NULL,
    feed_no bigint NOT NULL DEFAULT feed_number()
);
CREATE INDEX notice_arrival_xid ON notice_arrival (xid, id);
CREATE INDEX notice_arrival_feed ON notice_arrival (feed_no) WHERE verdict IN ('rejected', 'conflict');
CREATE INDEX notice_arrival_time ON notice_arrival (municipality_id, received_at DESC, id DESC);
CREATE INDEX notice_arrival_beat ON notice_arrival (received_at) WHERE type = 'source.heartbeat.v1';
CREATE TABLE notice (
    municipality_id integer NOT NULL,
    source text NOT NULL,
    record_id text NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    op text NOT NULL CHECK (op IN ('upsert', 'withdraw')),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    person_id uuid,
    arrival_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (municipality_id, source, record_id)
);
CREATE TABLE quarantine (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    sender_id uuid NOT NULL REFERENCES sender,
    message_id text NOT NULL,
    content_type text NOT NULL,
    sealed bytea NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'replayed', 'dismissed')),
    received_at timestamptz NOT NULL
);
CREATE INDEX quarantine_open ON quarantine (municipality_id, received_at) WHERE state = 'open';
"""

_KEYS = """
CREATE FUNCTION keys_of_senders()
    RETURNS TABLE (key_id uuid, sender_id uuid, municipality_id integer, source text, wrapped bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
        SELECT key.id, sender.id, sender.municipality_id, sender.source, key.wrapped
        FROM sender JOIN sender_key AS key ON key.sender_id = sender.id
        WHERE sender.state = 'active' AND key.state = 'active' AND key.kid IS NULL
    $$
"""


def upgrade() -> None:
    """Creates the intake."""
    op.execute(_TABLES)
    protect("sender", grants="SELECT, INSERT, UPDATE (label, mapping, state, heard_at)")
    protect("sender_key", grants="SELECT, INSERT, UPDATE (state)")
    protect("notice_arrival", grants="SELECT, INSERT")
    open_to("amis_worker", "notice_arrival", "SELECT, DELETE")
    open_to("amis_auditor", "notice_arrival", "SELECT")
    # Nothing that was said of anybody ever goes.
    op.execute(
        "CREATE POLICY beats_go ON notice_arrival AS RESTRICTIVE FOR DELETE TO amis_worker"
        " USING (type = 'source.heartbeat.v1' AND verdict IN ('applied', 'unchanged', 'stale'))"
    )
    protect("notice", grants="SELECT, INSERT, UPDATE")
    protect("quarantine", grants="SELECT, INSERT, UPDATE (state)")
    open_to("amis_hot", "sender", "SELECT")
    open_to("amis_hot", "sender_key", "SELECT")
    hot_function(_KEYS, "keys_of_senders()")
    create_batches()
    create_registries()
    create_freshness()
    create_notice_files()


def downgrade() -> None:
    """Takes the intake away."""
    drop_notice_files()
    drop_freshness()
    drop_registries()
    drop_batches()
    op.execute("DROP FUNCTION keys_of_senders()")
    op.execute("DROP TABLE quarantine, notice, notice_arrival, sender_key, sender")
