"""What terminals carry, as migration 0007 creates it: notes of changes, versions of bundles, who holds what.

A trigger notes each change of a token in the transaction that makes it, so no writer has to remember it. One publisher
(role amis_worker) gives the notes their number and writes a version for each provider.
"""

from alembic import op

from amis.migrations.reach_function import REACH
from amis.migrations.tenancy import hot_function, open_to, protect

TABLES = """
CREATE TABLE status_change (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    municipality_id integer NOT NULL REFERENCES municipality,
    token_id uuid NOT NULL,
    status_list integer NOT NULL,
    status_index integer NOT NULL,
    status smallint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    seq bigint
);
CREATE INDEX status_change_open ON status_change (id) WHERE seq IS NULL;
CREATE INDEX status_change_token ON status_change (municipality_id, token_id, id);
CREATE INDEX status_change_seq ON status_change (seq) WHERE seq IS NOT NULL;
CREATE TABLE policy_change (
    id uuid PRIMARY KEY DEFAULT uuidv7()
);
CREATE TABLE bundle_version (
    provider_id uuid NOT NULL REFERENCES provider,
    seq bigint NOT NULL CHECK (seq > 0),
    from_seq bigint CHECK (from_seq < seq),
    delta bytea,
    manifest bytea,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    basis bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (provider_id, seq),
    CHECK ((from_seq IS NULL) = (delta IS NULL)),
    CHECK (delta IS NOT NULL OR manifest IS NOT NULL)
);
CREATE INDEX bundle_version_seq ON bundle_version (seq);
CREATE TABLE bundle_part (
    provider_id uuid NOT NULL REFERENCES provider,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    kind text NOT NULL CHECK (kind IN ('trust', 'policy', 'status', 'cards')),
    name text NOT NULL,
    signed bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (provider_id, sha256, kind, name)
);
ALTER TABLE bundle_part ALTER signed SET STORAGE EXTERNAL;
CREATE TABLE terminal_presence (
    terminal_id uuid PRIMARY KEY,
    provider_id uuid NOT NULL REFERENCES provider,
    seen_at timestamptz NOT NULL,
    held bigint,
    held_hash bytea,
    held_at timestamptz,
    skew_ms bigint NOT NULL,
    journal_seq bigint,
    journal_hash bytea,
    waiting bigint NOT NULL,
    software text NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX terminal_presence_provider ON terminal_presence (provider_id);
"""
"""`bundle_version.basis` is the digest of what its card snapshot was built from; a version without a delta is one that
sends whole parts. `status_change.seq` is empty until it is published."""

TRIGGERS = """
CREATE FUNCTION note_status_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO status_change (municipality_id, token_id, status_list, status_index, status)
    VALUES (NEW.municipality_id, NEW.id, NEW.status_list, NEW.status_index, NEW.status);
    RETURN NULL;
END $$;
CREATE TRIGGER token_new_status AFTER INSERT ON token
    FOR EACH ROW WHEN (NEW.status <> 0 OR NEW.card_uid IS NOT NULL) EXECUTE FUNCTION note_status_change();
CREATE TRIGGER token_other_status AFTER UPDATE ON token FOR EACH ROW WHEN (
    OLD.status <> NEW.status
    OR (NEW.card_uid IS NOT NULL AND (OLD.person_id, OLD.state, OLD.card_uid, OLD.valid_from, OLD.valid_to)
        IS DISTINCT FROM (NEW.person_id, NEW.state, NEW.card_uid, NEW.valid_from, NEW.valid_to))
) EXECUTE FUNCTION note_status_change();
CREATE FUNCTION note_policy_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO policy_change DEFAULT VALUES;
    RETURN NULL;
END $$;
"""

OF_POLICY = ("provider", "place", "terminal", "acceptance", "concession_terms", "amnesty")
"""Tables out of which a policy is made; each statement that changes one leaves a note."""


def policy_trigger(table: str) -> str:
    """Notes each statement that changes `table`."""
    return (
        f"CREATE TRIGGER {table}_of_policy AFTER INSERT OR UPDATE OR DELETE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION note_policy_change()"
    )


PRESENCE = """
CREATE FUNCTION tell_presence(batch json) RETURNS integer[]
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH said AS MATERIALIZED (
        SELECT item.*, caller.machine_id, caller.provider_id, (batch ->> 'now')::timestamptz AS now
        FROM json_to_recordset(batch -> 'items') AS item (
                i integer, bearer text, held bigint, hash text, skew_ms bigint, journal_seq bigint, journal_hash text,
                waiting bigint, software text)
            CROSS JOIN LATERAL (
                SELECT terminal.machine_id, terminal.provider_id
                FROM machine_token AS known
                    JOIN machine ON machine.id = known.machine_id AND machine.pairing = known.pairing
                    JOIN terminal ON terminal.machine_id = machine.id
                WHERE known.hash = decode(item.bearer, 'hex') AND known.expires_at > (batch ->> 'now')::timestamptz
                    AND machine.kind = 'terminal' AND machine.state = 'active'
                LIMIT 1
            ) AS caller
    ), last AS (
        SELECT DISTINCT ON (machine_id) * FROM said ORDER BY machine_id, i DESC
    ), kept AS (
        INSERT INTO terminal_presence AS known (terminal_id, provider_id, seen_at, held, held_hash, held_at, skew_ms,
            journal_seq, journal_hash, waiting, software)
        SELECT machine_id, provider_id, now, held, decode(hash, 'hex'), CASE WHEN held IS NOT NULL THEN now END,
            skew_ms, journal_seq, decode(journal_hash, 'hex'), waiting, software
        FROM last ORDER BY machine_id
        ON CONFLICT (terminal_id) DO UPDATE SET
            seen_at = excluded.seen_at, held = excluded.held, held_hash = excluded.held_hash,
            held_at = CASE WHEN excluded.held = known.held THEN known.held_at ELSE excluded.held_at END,
            skew_ms = excluded.skew_ms, journal_seq = excluded.journal_seq, journal_hash = excluded.journal_hash,
            waiting = excluded.waiting, software = excluded.software
    )
    SELECT coalesce(array_agg(i), '{}') FROM said
$$
"""
"""Keeps what many terminals say of themselves, each in place of what it said before; returns whose bearer is good."""

GRANTS = (
    "GRANT SELECT ON bundle_version, bundle_part TO amis_app",
    "GRANT SELECT ON terminal_presence TO amis_app",
    "GRANT SELECT, INSERT, UPDATE ON terminal_presence TO amis_hot",
    "GRANT SELECT ON bundle_version TO amis_hot",
    "GRANT INSERT ON policy_change TO amis_app",
    "GRANT SELECT, DELETE ON policy_change TO amis_worker",
    "GRANT SELECT, INSERT, UPDATE (manifest), DELETE ON bundle_version TO amis_worker",
    "GRANT SELECT, INSERT, UPDATE (signed, at), DELETE ON bundle_part TO amis_worker",
    "GRANT SELECT ON provider, place, terminal, status_list TO amis_worker",
)

READ_BY_PUBLISHER = {
    "token": "SELECT (id, municipality_id, person_id, state, status_list, status_index, status, valid_from, valid_to,"
    " card_uid)",
    "entitlement": "SELECT (municipality_id, person_id, concession_id, periods, suspended, waived, modes)",
    "concession": "SELECT (id, municipality_id, public_code)",
    "concession_terms": "SELECT",
    "acceptance": "SELECT",
}
"""What the publisher may read of rows of every municipality."""


def create_bundles() -> None:
    """Creates the tables, the triggers that fill them, and who may read and write them."""
    op.execute(TABLES)
    op.execute(TRIGGERS)
    for table in OF_POLICY:
        op.execute(policy_trigger(table))
    protect("status_change", grants="SELECT, INSERT")
    open_to("amis_worker", "status_change", "SELECT, INSERT, UPDATE (seq), DELETE")
    for grant in GRANTS:
        op.execute(grant)
    hot_function(PRESENCE, "tell_presence(json)")
    hot_function(REACH, "bundle_reach(bigint)")
    for table, grants in READ_BY_PUBLISHER.items():
        op.execute(f"CREATE POLICY publisher_reads ON {table} FOR SELECT TO amis_worker USING (true)")
        op.execute(f"GRANT {grants} ON {table} TO amis_worker")


def drop_bundles() -> None:
    """Takes them away again."""
    op.execute("DROP FUNCTION tell_presence(json), bundle_reach(bigint)")
    for table, grants in READ_BY_PUBLISHER.items():
        op.execute(f"DROP POLICY publisher_reads ON {table}")
        op.execute(f"REVOKE {grants} ON {table} FROM amis_worker")
    for table in OF_POLICY:
        op.execute(f"DROP TRIGGER {table}_of_policy ON {table}")
    op.execute("DROP TRIGGER token_new_status ON token")
    op.execute("DROP TRIGGER token_other_status ON token")
    op.execute("DROP FUNCTION note_status_change(), note_policy_change()")
    op.execute("DROP TABLE terminal_presence, bundle_part, bundle_version, policy_change, status_change")
