"""What others may follow, as migration 0001 creates it: numbers for what happens, and the feed that they are told in.

A table whose rows others may follow has a column `feed_no bigint NOT NULL DEFAULT feed_number()`, with an index.
"""

from alembic import op

from amis.migrations.tenancy import open_to, protect

TABLES = """
CREATE SEQUENCE feed_order AS bigint;
CREATE FUNCTION feed_number() RETURNS bigint LANGUAGE sql VOLATILE
    AS $$ SELECT CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('feed_order') END $$;
CREATE TABLE feed_mark (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    feed_no bigint NOT NULL
);
INSERT INTO feed_mark (feed_no) VALUES (0);
CREATE TABLE feed_head (
    municipality_id integer PRIMARY KEY REFERENCES municipality,
    seq bigint NOT NULL CHECK (seq > 0),
    gone bigint NOT NULL DEFAULT 0 CHECK (gone BETWEEN 0 AND seq)
);
CREATE TABLE feed (
    municipality_id integer NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    source text NOT NULL,
    ref uuid NOT NULL,
    topic text NOT NULL,
    subject uuid,
    data jsonb NOT NULL,
    at timestamptz NOT NULL,
    sequenced_at timestamptz NOT NULL,
    PRIMARY KEY (municipality_id, seq)
);
CREATE INDEX feed_sequenced ON feed USING brin (sequenced_at);
"""
"""The number is drawn when its transaction has an id, which tells the sequencer from when on nobody can still commit a
lower one. `feed_mark` is how far it has come; `feed_head` what number a municipality has got to, and what is gone."""


def create_feed() -> None:
    """Creates the feed; the sequencer alone (role amis_worker) writes it."""
    op.execute(TABLES)
    op.execute("GRANT USAGE ON SEQUENCE feed_order TO amis_app")
    op.execute("GRANT SELECT ON SEQUENCE feed_order TO amis_worker")
    op.execute("GRANT SELECT, UPDATE ON feed_mark TO amis_worker")
    for table in ("feed_head", "feed"):
        protect(table, grants="SELECT")
    open_to("amis_worker", "feed_head", "SELECT, INSERT, UPDATE")
    open_to("amis_worker", "feed", "SELECT, INSERT, DELETE")


def drop_feed() -> None:
    """Takes it away again."""
    op.execute("DROP TABLE feed, feed_head, feed_mark")
    op.execute("DROP FUNCTION feed_number()")
    op.execute("DROP SEQUENCE feed_order")
