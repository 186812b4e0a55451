"""Ground floor: municipalities, audit trail with its tree, outbox."""

from alembic import op

from amis.migrations.feed_tables import create_feed, drop_feed
from amis.migrations.tenancy import open_to, protect, share

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Trail and outbox are written with everything else, and row-level security lets through no other municipality than that
# of who acts: a key would look up the same row each time.
_TABLES = """
CREATE TABLE municipality (
    id integer PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[A-Z]{2,8}$'),
    name_lv text NOT NULL,
    name_en text NOT NULL
);
CREATE FUNCTION current_municipality() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('amis.municipality', true), '')::integer $$;
CREATE TABLE audit (
    id uuid PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL,
    municipality_id integer,
    actor_kind text NOT NULL CHECK (actor_kind IN ('staff', 'machine', 'sender', 'holder', 'system')),
    actor_id text NOT NULL,
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    reason text NOT NULL,
    before jsonb,
    after jsonb,
    request_id text NOT NULL
);
CREATE INDEX audit_xid ON audit (xid, id);
CREATE INDEX audit_subject ON audit (municipality_id, subject_kind, subject_id, at);
CREATE TABLE audit_leaf (
    pos bigint PRIMARY KEY CHECK (pos >= 0),
    source text NOT NULL CHECK (source IN ('audit', 'entitlement_log', 'notice_arrival', 'use')),
    ref uuid NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE UNIQUE INDEX audit_leaf_ref ON audit_leaf (source, ref);
CREATE TABLE audit_checkpoint (
    size bigint PRIMARY KEY,
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    frontier bytea NOT NULL,
    xid_before xid8 NOT NULL,
    at timestamptz NOT NULL,
    note text NOT NULL
);
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    municipality_id integer NOT NULL,
    topic text NOT NULL,
    key text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    done_at timestamptz,
    error text
);
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE done_at IS NULL;
CREATE INDEX outbox_key ON outbox (municipality_id, key, id) WHERE done_at IS NULL;
CREATE TABLE job_run (
    job text NOT NULL,
    slot timestamptz NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    error text,
    attempts integer NOT NULL DEFAULT 1,
    PRIMARY KEY (job, slot)
);
CREATE INDEX job_run_begun ON job_run (job, slot) WHERE ended_at IS NULL;
"""


def upgrade() -> None:
    """Creates the ground floor."""
    op.execute(_TABLES)
    op.execute("GRANT USAGE ON SCHEMA public TO amis_app, amis_hot, amis_worker, amis_auditor")
    op.execute("GRANT CREATE ON SCHEMA public TO amis_hot")
    share("municipality")
    op.execute("GRANT SELECT ON municipality TO amis_hot, amis_worker, amis_auditor")
    protect("audit", grants="SELECT, INSERT")
    op.execute(
        "CREATE POLICY tenantless_insert ON audit FOR INSERT TO amis_app"
        " WITH CHECK (municipality_id IS NULL AND current_municipality() IS NULL)"
    )
    open_to("amis_hot", "audit", "INSERT")
    open_to("amis_worker", "audit", "SELECT, INSERT")
    open_to("amis_auditor", "audit", "SELECT")
    op.execute("GRANT SELECT, INSERT ON audit_leaf, audit_checkpoint TO amis_worker")
    op.execute("GRANT SELECT ON audit_leaf, audit_checkpoint TO amis_auditor, amis_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON job_run TO amis_worker")
    protect("outbox", grants="SELECT, INSERT")
    open_to("amis_worker", "outbox", "SELECT, UPDATE, DELETE")
    create_feed()


def downgrade() -> None:
    """Takes the ground floor away."""
    drop_feed()
    op.execute("DROP TABLE job_run, outbox, audit_checkpoint, audit_leaf, audit, municipality")
    op.execute("DROP FUNCTION current_municipality()")
