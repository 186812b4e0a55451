"""Staff accounts and sessions, machines with their keys and tokens, and finding them before the tenant is known."""

from alembic import op

from amis.migrations.tenancy import hot_function, open_to, protect, share

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STAFF = """
CREATE TABLE account (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    email text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) <= 254),
    name text NOT NULL,
    password_hash text NOT NULL,
    totp_sealed bytea NOT NULL,
    totp_step bigint NOT NULL DEFAULT 0,
    state text NOT NULL CHECK (state IN ('active', 'disabled')),
    created_at timestamptz NOT NULL,
    signed_in_at timestamptz,
    UNIQUE (municipality_id, id)
);
CREATE TABLE account_role (
    municipality_id integer NOT NULL,
    account_id uuid NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (municipality_id, account_id, role),
    FOREIGN KEY (municipality_id, account_id) REFERENCES account (municipality_id, id)
);
CREATE TABLE staff_session (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL,
    account_id uuid NOT NULL,
    secret_hash bytea NOT NULL UNIQUE CHECK (octet_length(secret_hash) = 32),
    stage text NOT NULL CHECK (stage IN ('code', 'open')),
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    browser text NOT NULL,
    purposes jsonb NOT NULL DEFAULT '{}',
    FOREIGN KEY (municipality_id, account_id) REFERENCES account (municipality_id, id)
);
CREATE INDEX staff_session_live ON staff_session (municipality_id, account_id) WHERE ended_at IS NULL;
CREATE TABLE sign_in_attempt (
    digest bytea PRIMARY KEY,
    failures integer NOT NULL,
    retry_at timestamptz,
    last_at timestamptz NOT NULL
);
CREATE INDEX sign_in_attempt_last ON sign_in_attempt (last_at);
"""

_MACHINES = """
CREATE TABLE machine (
    id uuid PRIMARY KEY,
    municipality_id integer REFERENCES municipality,
    kind text NOT NULL CHECK (kind IN ('terminal', 'desk', 'sender')),
    label text NOT NULL,
    state text NOT NULL CHECK (state IN ('new', 'active', 'suspended', 'revoked')),
    pairing integer,
    created_at timestamptz NOT NULL,
    CHECK (state IN ('new', 'revoked') OR pairing IS NOT NULL)
);
CREATE INDEX machine_municipality ON machine (municipality_id, kind);
CREATE TABLE machine_pairing (
    machine_id uuid NOT NULL REFERENCES machine,
    pairing integer NOT NULL CHECK (pairing > 0),
    municipality_id integer,
    code_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    jwk jsonb,
    fingerprint text,
    paired_at timestamptz,
    approved_by text,
    approved_at timestamptz,
    PRIMARY KEY (machine_id, pairing)
);
CREATE TABLE machine_token (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    machine_id uuid NOT NULL,
    pairing integer NOT NULL,
    municipality_id integer,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    FOREIGN KEY (machine_id, pairing) REFERENCES machine_pairing (machine_id, pairing)
);
CREATE INDEX machine_token_machine ON machine_token (machine_id, expires_at);
CREATE TABLE machine_assertion (
    machine_id uuid NOT NULL REFERENCES machine,
    jti_hash bytea NOT NULL,
    municipality_id integer,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (machine_id, jti_hash)
);
"""

_FIND_ACCOUNT = """
CREATE FUNCTION find_account(p_email text)
RETURNS TABLE (id uuid, municipality_id integer, password_hash text, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.id, a.municipality_id, a.password_hash, a.state FROM account a WHERE a.email = p_email
$$
"""

# "Seen" is written at most once a minute: a page view costs no write otherwise.
_FIND_SESSION = """
CREATE FUNCTION find_session(p_hash bytea, p_at timestamptz, p_idle interval)
RETURNS TABLE (id uuid, stage text, account_id uuid, municipality_id integer, municipality_name text, name text,
               email text, roles text[], purposes jsonb)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH live AS (
        SELECT s.* FROM staff_session s
        WHERE s.secret_hash = p_hash AND s.ended_at IS NULL AND s.expires_at > p_at AND s.seen_at > p_at - p_idle
    ), seen AS (
        UPDATE staff_session s SET seen_at = p_at FROM live
        WHERE s.id = live.id AND live.seen_at < p_at - interval '1 minute'
    )
    SELECT live.id, live.stage, a.id, a.municipality_id, m.name_lv, a.name, a.email,
           ARRAY(SELECT r.role FROM account_role r
                 WHERE r.municipality_id = a.municipality_id AND r.account_id = a.id ORDER BY r.role),
           live.purposes
    FROM live JOIN account a ON a.id = live.account_id JOIN municipality m ON m.id = a.municipality_id
    WHERE a.state = 'active'
$$
"""

_FIND_MACHINE = """
CREATE FUNCTION machine_by_token(p_hash bytea, p_at timestamptz)
RETURNS TABLE (id uuid, kind text, label text, municipality_id integer, municipality_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.id, m.kind, m.label, m.municipality_id, coalesce(g.name_lv, '')
    FROM machine_token t JOIN machine m ON m.id = t.machine_id LEFT JOIN municipality g ON g.id = m.municipality_id
    WHERE t.hash = p_hash AND t.expires_at > p_at AND m.state = 'active' AND m.pairing = t.pairing
$$
"""

_MACHINE_KEY = """
CREATE FUNCTION machine_key(p_machine uuid)
RETURNS TABLE (id uuid, kind text, municipality_id integer, state text, pairing integer, jwk jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.id, m.kind, m.municipality_id, m.state, p.pairing, p.jwk
    FROM machine m JOIN machine_pairing p ON p.machine_id = m.id AND p.pairing = m.pairing WHERE m.id = p_machine
$$
"""

_USE_PAIRING_CODE = """
CREATE FUNCTION use_pairing_code(p_code_hash bytea, p_at timestamptz, p_jwk jsonb, p_fingerprint text)
RETURNS TABLE (machine_id uuid, pairing integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE machine_pairing p SET jwk = p_jwk, fingerprint = p_fingerprint, paired_at = p_at
    FROM machine m
    WHERE p.code_hash = p_code_hash AND p.expires_at > p_at AND p.jwk IS NULL
      AND m.id = p.machine_id AND m.state <> 'revoked'
      AND p.pairing = (SELECT max(newest.pairing) FROM machine_pairing newest WHERE newest.machine_id = p.machine_id)
    RETURNING p.machine_id, p.pairing
$$
"""

_FUNCTIONS = {
    "find_account(text)": _FIND_ACCOUNT,
    "find_session(bytea, timestamptz, interval)": _FIND_SESSION,
    "machine_by_token(bytea, timestamptz)": _FIND_MACHINE,
    "machine_key(uuid)": _MACHINE_KEY,
    "use_pairing_code(bytea, timestamptz, jsonb, text)": _USE_PAIRING_CODE,
}
_MACHINE_GRANTS = {
    "machine": "SELECT, INSERT, UPDATE (label, state, pairing)",
    "machine_pairing": "SELECT, INSERT, UPDATE (approved_by, approved_at)",
    "machine_token": "SELECT, INSERT, DELETE",
    "machine_assertion": "SELECT, INSERT, DELETE",
}


def upgrade() -> None:
    """Creates the tables and the functions that find their rows before the tenant is known."""
    op.execute(_STAFF)
    op.execute(_MACHINES)
    protect("account", grants="SELECT, INSERT, UPDATE (name, password_hash, totp_step, state, signed_in_at)")
    protect("account_role", grants="SELECT, INSERT, DELETE")
    protect("staff_session", grants="SELECT, INSERT, UPDATE (ended_at, purposes)")
    share("sign_in_attempt", grants="SELECT, INSERT, UPDATE, DELETE")
    for table, grants in _MACHINE_GRANTS.items():
        _protect_or_keep(table, grants)
    # A carrier's terminal is on the list of terminals of every town, and changed by none.
    op.execute("CREATE POLICY nobodys_rows ON machine FOR SELECT TO amis_app USING (municipality_id IS NULL)")
    open_to("amis_hot", "account", "SELECT")
    open_to("amis_hot", "account_role", "SELECT")
    open_to("amis_hot", "staff_session", "SELECT, UPDATE (seen_at)")
    open_to("amis_hot", "machine", "SELECT")
    open_to("amis_hot", "machine_pairing", "SELECT, UPDATE (jwk, fingerprint, paired_at)")
    open_to("amis_hot", "machine_token", "SELECT")
    for signature, statement in _FUNCTIONS.items():
        hot_function(statement, signature)


def _protect_or_keep(table: str, grants: str) -> None:
    """Row-level security for rows that belong to a municipality or, like a carrier's terminal, to none.

    Those of nobody are for whoever acts for nobody: the system before it knows whom it deals with, and its operator.
    """
    own = "municipality_id IS NOT DISTINCT FROM current_municipality()"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_rows ON {table} TO amis_app USING ({own}) WITH CHECK ({own})")
    op.execute(f"CREATE POLICY owner_rows ON {table} TO amis_owner USING (true) WITH CHECK (true)")
    op.execute(f"GRANT {grants} ON {table} TO amis_app")


def downgrade() -> None:
    """Takes staff and machines away."""
    for signature in reversed(_FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP TABLE machine_assertion, machine_token, machine_pairing, machine")
    op.execute("DROP TABLE sign_in_attempt, staff_session, account_role, account")
