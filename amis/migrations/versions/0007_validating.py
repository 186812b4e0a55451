"""Validating: providers, places, terminals, acceptance, uses by month, quota counters, and the hot path's functions."""

from alembic import op

from amis.migrations.bundle_tables import create_bundles, drop_bundles
from amis.migrations.chip_tables import create_chips, drop_chips
from amis.migrations.merge_functions import create_merge_functions, drop_merge_functions
from amis.migrations.tap_functions import CARRIED, CLAIMS, COMMIT, LAST_SEEN, PARTITIONS, REVERSE, TERMS
from amis.migrations.tenancy import hot_function, open_to, protect, share
from amis.migrations.upload_tables import create_uploads, drop_uploads

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PLACES = """
CREATE TABLE provider (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[A-Z0-9-]{2,32}$'),
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('carrier', 'venue'))
);
CREATE TABLE place (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL REFERENCES provider,
    code text NOT NULL CHECK (code ~ '^[A-Za-z0-9._-]{1,64}$'),
    name text NOT NULL,
    lat double precision CHECK (lat BETWEEN -90 AND 90),
    lon double precision CHECK (lon BETWEEN -180 AND 180),
    mode text NOT NULL,
    zone text,
    UNIQUE (provider_id, code),
    CHECK ((lat IS NULL) = (lon IS NULL))
);
CREATE TABLE terminal (
    machine_id uuid PRIMARY KEY REFERENCES machine,
    provider_id uuid NOT NULL REFERENCES provider,
    place_id uuid NOT NULL REFERENCES place
);
CREATE TABLE acceptance (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL REFERENCES provider,
    grantor_id integer NOT NULL REFERENCES municipality,
    concession_id uuid REFERENCES concession,
    UNIQUE NULLS NOT DISTINCT (provider_id, grantor_id, concession_id)
);
"""
# No foreign keys below: the ledger is written by one function out of rows that it has just read, and each key checked
# again would cost the hot path as much as the row itself.
_LEDGER = """
CREATE TABLE tap_key (
    terminal_id uuid NOT NULL,
    pairing integer NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 0),
    body_sha256 bytea NOT NULL,
    answer text NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    use_id uuid,
    reversed_by bigint,
    PRIMARY KEY (terminal_id, pairing, seq)
);
CREATE TABLE use (
    id uuid NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    day date NOT NULL,
    municipality_id integer NOT NULL,
    person_id uuid,
    token_id uuid,
    concession_id uuid NOT NULL,
    revision integer NOT NULL,
    grantor_id integer NOT NULL,
    funder text NOT NULL,
    provider_id uuid NOT NULL,
    place_id uuid NOT NULL,
    terminal_id uuid NOT NULL,
    pairing integer NOT NULL,
    seq bigint NOT NULL,
    product text NOT NULL,
    gross numeric(12, 4) NOT NULL,
    payable numeric(12, 4) NOT NULL,
    discount numeric(12, 4) NOT NULL,
    companions smallint NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('ACCEPT', 'ACCEPT_WARN', 'REVERSED')),
    reason text NOT NULL,
    quota_per text,
    quota_window date,
    quota_units integer NOT NULL DEFAULT 0,
    shares jsonb,
    reverses uuid,
    PRIMARY KEY (id, at),
    CHECK ((person_id IS NULL) = (token_id IS NULL)),
    CHECK (person_id IS NOT NULL OR quota_per IS NULL),
    CHECK ((verdict = 'REVERSED') = (reverses IS NOT NULL)),
    CHECK (verdict = 'REVERSED' OR payable BETWEEN 0 AND gross),
    CHECK (discount = gross - payable)
) PARTITION BY RANGE (at);
CREATE INDEX use_person ON use (municipality_id, person_id, at);
CREATE INDEX use_xid ON use (xid, id);
CREATE INDEX use_at ON use USING brin (at);
CREATE TABLE use_default PARTITION OF use DEFAULT;
ALTER TABLE use_default ENABLE ROW LEVEL SECURITY;
ALTER TABLE use_default FORCE ROW LEVEL SECURITY;
CREATE TABLE quota_counter (
    municipality_id integer NOT NULL REFERENCES municipality,
    person_id uuid NOT NULL,
    concession_id uuid NOT NULL,
    window_start date NOT NULL,
    per text NOT NULL CHECK (per ~ '^(day|week|month|year|period)(-eur|-[0-9]{2}-[0-9]{2})?$'),
    used integer NOT NULL CHECK (used >= 0),
    lim integer NOT NULL,
    PRIMARY KEY (municipality_id, person_id, concession_id, window_start, per),
    CHECK (used <= lim)
) WITH (fillfactor = 80);
CREATE TABLE last_tap (
    token_id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    use_id uuid NOT NULL,
    previous uuid,
    at timestamptz NOT NULL,
    place_id uuid NOT NULL,
    terminal_id uuid NOT NULL
) WITH (fillfactor = 80);
CREATE TABLE seen (
    replay_key bytea PRIMARY KEY,
    at timestamptz NOT NULL
);
CREATE INDEX seen_at ON seen (at);
CREATE INDEX audit_denied_taps ON audit (municipality_id, at) WHERE action = 'tap.deny';
CREATE INDEX concession_terms_for_everybody ON concession_terms (valid_from) WHERE terms @> '{"universal": true}';
"""
_ACCEPTANCE_POLICIES = """
ALTER TABLE acceptance ENABLE ROW LEVEL SECURITY;
ALTER TABLE acceptance FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody_reads ON acceptance FOR SELECT TO amis_app USING (true);
CREATE POLICY grantor_writes ON acceptance TO amis_app
    USING (grantor_id = current_municipality()) WITH CHECK (grantor_id = current_municipality());
CREATE POLICY owner_rows ON acceptance TO amis_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON acceptance TO amis_app;
"""
# Everybody sees which terminal stands where; whoever owns the machine moves it.
_TERMINAL_POLICIES = """
ALTER TABLE terminal ENABLE ROW LEVEL SECURITY;
ALTER TABLE terminal FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody_reads ON terminal FOR SELECT USING (true);
CREATE POLICY everybody_registers ON terminal FOR INSERT TO amis_app WITH CHECK (true);
CREATE POLICY owner_moves ON terminal FOR UPDATE TO amis_app USING (EXISTS (
    SELECT FROM machine WHERE machine.id = terminal.machine_id
        AND machine.municipality_id IS NOT DISTINCT FROM current_municipality()
));
CREATE POLICY owner_rows ON terminal TO amis_owner USING (true) WITH CHECK (true);
GRANT UPDATE (place_id) ON terminal TO amis_app;
GRANT UPDATE (name) ON provider TO amis_app;
GRANT UPDATE (name, mode, zone, lat, lon) ON place TO amis_app;
"""
_READ_BY_TAPS = ("credential", "entitlement", "concession", "concession_terms")
"""Tables of rooms below that taps read and that amis_hot could not read yet."""
_FUNCTIONS = (
    (CARRIED, "carried_units(integer, uuid, uuid, datemultirange, date, text)"),
    (CLAIMS, "tap_claims(json)"),
    (TERMS, "tap_terms(json)"),
    (COMMIT, "tap_commit(json)"),
    (REVERSE, "tap_reverse(json)"),
    (LAST_SEEN, "terminals_last_seen(uuid)"),
)


def upgrade() -> None:
    """Creates the room's tables, this month's and the next three months' partitions, and the hot functions."""
    op.execute(_PLACES)
    op.execute(_LEDGER)
    for table in ("provider", "place", "terminal"):
        share(table, grants="SELECT, INSERT")
        op.execute(f"GRANT SELECT ON {table} TO amis_hot")
    op.execute(_ACCEPTANCE_POLICIES)
    op.execute(_TERMINAL_POLICIES)
    open_to("amis_hot", "acceptance", "SELECT")
    _protect_ledger()
    _let_taps_read()
    op.execute(PARTITIONS)
    op.execute("REVOKE EXECUTE ON FUNCTION make_use_partitions(date, integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION make_use_partitions(date, integer) TO amis_worker")
    op.execute("SELECT make_use_partitions(current_date, 3)")
    for statement, signature in _FUNCTIONS:
        hot_function(statement, signature, "amis_hot" if statement is CARRIED else "amis_app")
    create_uploads()
    create_bundles()
    create_chips()
    create_merge_functions()


def _protect_ledger() -> None:
    protect("use", grants="SELECT")
    op.execute("CREATE POLICY grantor_reads ON use FOR SELECT TO amis_app USING (grantor_id = current_municipality())")
    open_to("amis_hot", "use", "SELECT, INSERT")
    open_to("amis_worker", "use", "SELECT")
    open_to("amis_auditor", "use", "SELECT")
    protect("quota_counter", grants="SELECT")
    open_to("amis_hot", "quota_counter", "SELECT, INSERT, UPDATE")
    protect("last_tap", grants="SELECT")
    open_to("amis_hot", "last_tap", "SELECT, INSERT, UPDATE, DELETE")
    op.execute("GRANT SELECT, INSERT, UPDATE ON tap_key TO amis_hot")
    op.execute("GRANT SELECT, INSERT ON seen TO amis_hot")
    op.execute("GRANT SELECT, DELETE ON seen TO amis_worker")


def _let_taps_read() -> None:
    for table in _READ_BY_TAPS:
        op.execute(f"CREATE POLICY taps_read ON {table} FOR SELECT TO amis_hot USING (true)")
        op.execute(f"GRANT SELECT ON {table} TO amis_hot")


def downgrade() -> None:
    """Takes the room away."""
    drop_merge_functions()
    drop_chips()
    drop_bundles()
    drop_uploads()
    for _, signature in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP FUNCTION make_use_partitions(date, integer)")
    for table in _READ_BY_TAPS:
        op.execute(f"DROP POLICY taps_read ON {table}")
        op.execute(f"REVOKE SELECT ON {table} FROM amis_hot")  # noqa: S608  # names of our own
    op.execute("DROP INDEX audit_denied_taps, concession_terms_for_everybody")
    op.execute("DROP TABLE seen, last_tap, quota_counter, use, tap_key, acceptance, terminal, place, provider")
