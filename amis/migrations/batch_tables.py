"""The tables of batches and what the ledger of notices keeps for them, as migration 0008 creates them."""

from alembic import op

from amis.migrations.tenancy import open_to, protect

STATES = ("received", "checking", "held", "applying", "done", "refused", "cancelled")
"""What can be said of a batch; `checking` and `applying` are of one batch of a sender at a time."""
_STARTED = "('checking', 'applying')"
# Arrivals and names of records have no foreign key to their batch: they come by the hundred thousand, and a batch is
# never deleted.
TABLES = f"""
ALTER TABLE sender
    ADD COLUMN machine_id uuid REFERENCES machine,
    ADD COLUMN snapshot_as_of bigint CHECK (snapshot_as_of >= 0),
    ADD COLUMN profile jsonb,
    ADD COLUMN expect_every interval,
    ADD COLUMN heartbeat_at timestamptz,
    ADD COLUMN pending bigint;
CREATE INDEX sender_machine ON sender (municipality_id, machine_id) WHERE machine_id IS NOT NULL;
CREATE TABLE batch (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    sender_id uuid NOT NULL,
    key_id uuid,
    key_fingerprint text,
    actor text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('delta', 'snapshot')),
    via text NOT NULL CHECK (via IN ('api', 'upload', 'pull', 'spdci')),
    as_of bigint CHECK (as_of >= 0),
    format text NOT NULL CHECK (format IN ('ndjson', 'csv')),
    gzip boolean NOT NULL DEFAULT false,
    idempotency_key text,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    size bigint NOT NULL CHECK (size >= 0),
    name text NOT NULL DEFAULT '',
    state text NOT NULL CHECK (state IN {STATES}),
    total_rows bigint,
    next_row bigint NOT NULL DEFAULT 0,
    applied bigint NOT NULL DEFAULT 0,
    unchanged bigint NOT NULL DEFAULT 0,
    stale bigint NOT NULL DEFAULT 0,
    conflict bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    held bigint NOT NULL DEFAULT 0,
    unsupported bigint NOT NULL DEFAULT 0,
    withdrawn bigint NOT NULL DEFAULT 0,
    error_code text,
    error_detail text,
    diff jsonb,
    lease uuid,
    lease_until timestamptz,
    lease_pid integer,
    attempts integer NOT NULL DEFAULT 0,
    received_at timestamptz NOT NULL,
    queued_at timestamptz NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    decided_by text,
    raw_key bytea NOT NULL,
    raw_until timestamptz NOT NULL,
    raw_gone_at timestamptz,
    UNIQUE (municipality_id, sender_id, idempotency_key),
    FOREIGN KEY (municipality_id, sender_id) REFERENCES sender (municipality_id, id),
    CHECK ((kind = 'snapshot') = (as_of IS NOT NULL)),
    CHECK (state <> 'done'
        OR total_rows = applied + unchanged + stale + conflict + rejected + held + unsupported)
);
CREATE UNIQUE INDEX batch_started ON batch (municipality_id, sender_id) WHERE state IN {_STARTED};
CREATE INDEX batch_queue ON batch (queued_at, id) WHERE state IN ('received', 'checking', 'applying');
CREATE INDEX batch_newest ON batch (municipality_id, received_at DESC, id DESC);
CREATE INDEX batch_raw ON batch (raw_until) WHERE raw_gone_at IS NULL;
CREATE TABLE batch_record (
    batch_id uuid NOT NULL,
    municipality_id integer NOT NULL,
    record_id text NOT NULL,
    PRIMARY KEY (batch_id, record_id)
);
ALTER TABLE notice
    ADD COLUMN of_status boolean NOT NULL DEFAULT true,
    ADD COLUMN absent_as_of bigint,
    ADD COLUMN code_index bytea,
    ADD CHECK (absent_as_of IS NULL OR (op = 'withdraw' AND of_status));
ALTER TABLE notice_arrival
    ALTER COLUMN key_id DROP NOT NULL,
    ADD COLUMN batch_id uuid,
    ADD COLUMN row_no bigint;
CREATE INDEX notice_arrival_batch ON notice_arrival (batch_id, row_no) WHERE batch_id IS NOT NULL;
CREATE INDEX notice_arrival_single ON notice_arrival (municipality_id, received_at) WHERE batch_id IS NULL;
ALTER TABLE quarantine
    ADD COLUMN arrival_id uuid REFERENCES notice_arrival DEFERRABLE INITIALLY DEFERRED,
    ADD COLUMN batch_id uuid REFERENCES batch,
    ADD COLUMN row_no bigint,
    ADD COLUMN decided_at timestamptz,
    ADD COLUMN decided_by text,
    ADD COLUMN reason text,
    ADD COLUMN corrected_by uuid REFERENCES notice_arrival DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX quarantine_batch ON quarantine (batch_id) WHERE batch_id IS NOT NULL;
"""
"""`batch.next_row` counts the rows settled so far; the counts beside it are those rows by verdict, and `withdrawn`
counts the records that a snapshot withdrew by not naming them. Batches of one sender are taken in the order of
`queued_at`, a released one anew. A batch's rows as it named them stand in `batch_record` while it is worked upon.

`notice.of_status` is false for records of deaths, moves and the like, which no snapshot names; `absent_as_of` is the
point of the sender's counter at which a snapshot did not name the record; `code_index` finds by which personal code
its source knows the person.
"""


def create_batches() -> None:
    """Creates the tables and columns, with their policies."""
    op.execute(TABLES)
    op.execute(
        "GRANT UPDATE (machine_id, snapshot_as_of, profile, expect_every, heartbeat_at, pending) ON sender TO amis_app"
    )
    protect("batch", grants="SELECT, INSERT, UPDATE")
    open_to("amis_worker", "batch", "SELECT, UPDATE (state, lease, lease_until, lease_pid, attempts, started_at)")
    open_to("amis_worker", "sender", "SELECT (id, state)")
    protect("batch_record", grants="SELECT, INSERT, DELETE")
    op.execute("GRANT UPDATE (decided_at, decided_by, reason, corrected_by) ON quarantine TO amis_app")
    open_to("amis_worker", "quarantine", "SELECT (state, decided_at, sealed), UPDATE (sealed)")


def drop_batches() -> None:
    """Takes away the tables; the columns go with theirs."""
    op.execute("ALTER TABLE quarantine DROP COLUMN batch_id")
    op.execute("DROP TABLE batch_record, batch")
