"""The steps of every token, as migration 0006 creates them: a trigger notes each in the transaction that makes it."""

from alembic import op

from amis.migrations.tenancy import open_to, protect

TABLE = """
CREATE TABLE token_log (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    municipality_id integer NOT NULL REFERENCES municipality,
    token_id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    change text NOT NULL CHECK (
        change IN ('requested', 'approved', 'produced', 'issued', 'active', 'blocked', 'unblocked', 'ended')
    ),
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    feed_no bigint NOT NULL DEFAULT feed_number()
);
CREATE INDEX token_log_feed ON token_log (feed_no);
CREATE INDEX token_log_token ON token_log (municipality_id, token_id, feed_no);
CREATE FUNCTION note_token_step() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO token_log (municipality_id, token_id, person_id, kind, change, reason)
    VALUES (NEW.municipality_id, NEW.id, NEW.person_id, NEW.kind, CASE
        WHEN TG_OP = 'UPDATE' AND OLD.state = 'blocked' AND NEW.state = 'active' THEN 'unblocked' ELSE NEW.state
    END, NEW.reason);
    RETURN NULL;
END $$;
CREATE TRIGGER token_begins AFTER INSERT ON token FOR EACH ROW EXECUTE FUNCTION note_token_step();
CREATE TRIGGER token_steps AFTER UPDATE ON token
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION note_token_step();
"""


def create_token_log() -> None:
    """Creates the log; nobody changes it or takes anything out of it."""
    op.execute(TABLE)
    protect("token_log", grants="SELECT, INSERT")
    open_to("amis_worker", "token_log", "SELECT")


def drop_token_log() -> None:
    """Takes it away again, after the tokens."""
    op.execute("DROP TABLE token_log")
    op.execute("DROP FUNCTION note_token_step()")
