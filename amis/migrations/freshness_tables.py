"""How fresh everything is, as migration 0008 creates it: the canary's way, and how soon changes were published.

The canary is a heartbeat of a sender of our own. All that follows from it is that one entry of a status list which no
token has turns over, so terminals hear of it as they hear of a block.
"""

from alembic import op

from amis.kernel.locks import Lock
from amis.migrations.tenancy import protect

TABLES = """
ALTER TABLE sender ADD COLUMN heartbeat_seq bigint;
CREATE TABLE canary_entry (
    municipality_id integer PRIMARY KEY REFERENCES municipality,
    id uuid NOT NULL UNIQUE DEFAULT uuidv7(),
    status_list integer NOT NULL UNIQUE REFERENCES status_list,
    status smallint NOT NULL
);
CREATE TABLE freshness (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sent_at timestamptz NOT NULL,
    received_at timestamptz,
    applied_at timestamptz,
    change_id uuid,
    seq bigint,
    sequenced_at timestamptz,
    acked_at timestamptz,
    live integer,
    holding integer,
    error text
);
CREATE INDEX freshness_sent ON freshness (sent_at);
"""
"""A `canary_entry` is the first of a list of its own: no token is ever given a place beside it. One row of `freshness`
is one canary; `seq` is the number under which terminals were told, `live` how many of them were there to hear it and
`holding` how many of those hold it."""

TURN = f"""
CREATE FUNCTION turn_canary(told bigint, heard timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    entry canary_entry;
    note uuid;
BEGIN
    UPDATE canary_entry SET status = 1 - status WHERE municipality_id = current_municipality() RETURNING * INTO entry;
    IF NOT FOUND THEN
        PERFORM pg_advisory_xact_lock({int(Lock.STATUS_LIST_NUMBERS)});
        WITH opened AS (
            INSERT INTO status_list (id, cohort)
            SELECT coalesce(max(id), -1) + 1, 'canary' FROM status_list RETURNING id
        )
        INSERT INTO canary_entry (municipality_id, status_list, status)
        SELECT current_municipality(), opened.id, 1 FROM opened RETURNING * INTO entry;
    END IF;
    INSERT INTO status_change (municipality_id, token_id, status_list, status_index, status)
    VALUES (entry.municipality_id, entry.id, entry.status_list, 0, entry.status) RETURNING id INTO note;
    UPDATE freshness SET received_at = heard, change_id = note WHERE number = told AND change_id IS NULL;
END $$
"""  # noqa: S608

SEEN = """
CREATE FUNCTION canary_seen(change uuid, live_since timestamptz)
    RETURNS TABLE (seq bigint, sequenced_at timestamptz, live integer, holding integer, acked_at timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    WITH told AS MATERIALIZED (
        SELECT noted.seq, (SELECT min(at) FROM bundle_version WHERE bundle_version.seq = noted.seq) AS at
        FROM status_change AS noted WHERE noted.id = change AND noted.seq IS NOT NULL
    ), needed AS MATERIALIZED (
        SELECT version.provider_id, max(version.seq) AS seq FROM bundle_version AS version JOIN told
            ON version.seq <= told.seq GROUP BY version.provider_id
    ), terminals AS (
        SELECT known.held >= needed.seq AS holds, known.held_at
        FROM terminal_presence AS known JOIN needed USING (provider_id)
        WHERE known.seen_at >= live_since AND known.held IS NOT NULL
    )
    SELECT told.seq, told.at, count(holds)::integer, (count(*) FILTER (WHERE holds))::integer,
        CASE WHEN bool_and(holds) THEN max(held_at) END
    FROM told LEFT JOIN terminals ON true GROUP BY told.seq, told.at
$$
"""
"""How far a noted change has come; no row before it is published, no `acked_at` before every live terminal holds it."""

PUBLISHED = """
CREATE FUNCTION published_since(since timestamptz) RETURNS TABLE (stage text, seconds double precision)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    (SELECT 'sequenced', extract(epoch FROM version.at - change.at)::double precision
        FROM (SELECT seq, min(at) AS at FROM bundle_version WHERE at > since GROUP BY seq) AS version
            JOIN status_change AS change USING (seq)
        WHERE NOT EXISTS (SELECT FROM canary_entry WHERE canary_entry.id = change.token_id)
        LIMIT 1000)
    UNION ALL
    (SELECT 'acked', extract(epoch FROM told.held_at - version.at)::double precision
        FROM terminal_presence AS told JOIN bundle_version AS version
            ON version.provider_id = told.provider_id AND version.seq = told.held
        WHERE told.held_at > since LIMIT 1000)
$$
"""
"""Of changes published since then: the time from the change until it was published; and of terminals that have told
since then that they hold what is newest: the time from its publication until they did. A sample of either."""


def create_freshness() -> None:
    """Creates the tables and functions, and who may use them."""
    op.execute(TABLES)
    op.execute("GRANT UPDATE (heartbeat_seq) ON sender TO amis_app")
    protect("canary_entry", grants="SELECT, INSERT, UPDATE (status)")
    op.execute("CREATE POLICY publisher_reads ON canary_entry FOR SELECT TO amis_worker USING (true)")
    op.execute("GRANT SELECT ON canary_entry, terminal_presence TO amis_worker")
    op.execute("GRANT SELECT, UPDATE (received_at, change_id) ON freshness TO amis_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON freshness TO amis_worker")
    for function in (TURN, SEEN, PUBLISHED):
        op.execute(function)


def drop_freshness() -> None:
    """Takes them away; the column goes with its table."""
    op.execute("DROP FUNCTION turn_canary(bigint, timestamptz), canary_seen(uuid, timestamptz)")
    op.execute("DROP FUNCTION published_since(timestamptz)")
    op.execute("DROP TABLE freshness, canary_entry")
    op.execute("REVOKE SELECT ON terminal_presence FROM amis_worker")
