"""Issuing: tokens, credentials, status lists; the life of a token is kept by a trigger too."""

from alembic import op

from amis.migrations.tenancy import hot_function, open_to, protect, share

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE status_list (
    id integer PRIMARY KEY CHECK (id BETWEEN 0 AND 32767),
    cohort text NOT NULL CHECK (cohort ~ '^[0-9]{4}H[12]$')
);
CREATE INDEX status_list_cohort ON status_list (cohort, id);
CREATE TABLE token (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    person_id uuid NOT NULL REFERENCES person,
    kind text NOT NULL CHECK (kind IN ('card', 'qr', 'eid')),
    state text NOT NULL
        CHECK (state IN ('requested', 'approved', 'produced', 'issued', 'active', 'blocked', 'ended')),
    reason text NOT NULL DEFAULT '',
    number text NOT NULL UNIQUE CHECK (length(number) = 16),
    status_list integer NOT NULL REFERENCES status_list,
    status_index integer NOT NULL CHECK (status_index BETWEEN 0 AND 131071),
    status smallint NOT NULL CHECK (status BETWEEN 0 AND 3),
    rights_changed boolean NOT NULL DEFAULT false,
    generation integer NOT NULL DEFAULT 1,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    requested_at timestamptz NOT NULL,
    activated_at timestamptz,
    ended_at timestamptz,
    replaces uuid REFERENCES token,
    CHECK (valid_from < valid_to),
    UNIQUE (status_list, status_index)
);
CREATE INDEX token_person ON token (municipality_id, person_id, requested_at);
CREATE INDEX token_recent ON token (municipality_id, requested_at DESC);
CREATE INDEX token_marked ON token (status_list, status_index) INCLUDE (status) WHERE status <> 0;
CREATE UNIQUE INDEX token_replaces ON token (replaces) WHERE replaces IS NOT NULL;
CREATE TABLE credential (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    token_id uuid NOT NULL REFERENCES token,
    generation integer NOT NULL,
    kid bytea NOT NULL CHECK (octet_length(kid) = 4),
    cti bytea NOT NULL UNIQUE CHECK (octet_length(cti) = 8),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    rights jsonb NOT NULL,
    sealed bytea NOT NULL,
    UNIQUE (token_id, generation)
);
"""

STEPS = (
    ("requested", "approved"),
    ("approved", "produced"),
    ("produced", "issued"),
    ("issued", "active"),
    ("active", "blocked"),
    ("blocked", "active"),
    ("requested", "ended"),
    ("approved", "ended"),
    ("produced", "ended"),
    ("issued", "ended"),
    ("active", "ended"),
    ("blocked", "ended"),
)
"""The steps of cards.token.TRANSITIONS as they stood when this migration was written."""

_TRIGGER = f"""
CREATE FUNCTION token_keeps_its_life() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF OLD.state = 'ended' THEN
        RAISE EXCEPTION 'an ended token never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN ({", ".join(map(str, STEPS))}) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            MESSAGE = 'a token does not go from ' || OLD.state || ' to ' || NEW.state;
    END IF;
    IF (NEW.id, NEW.municipality_id, NEW.person_id, NEW.kind, NEW.number, NEW.status_list, NEW.status_index)
        <> (OLD.id, OLD.municipality_id, OLD.person_id, OLD.kind, OLD.number, OLD.status_list, OLD.status_index) THEN
        RAISE EXCEPTION 'a token is never another one' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status <> (CASE
        WHEN NEW.state = 'ended' THEN 1
        WHEN NEW.state <> 'active' THEN 2
        WHEN NEW.rights_changed THEN 3
        ELSE 0
    END) THEN
        RAISE EXCEPTION 'the status does not say what the state is' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER token_life BEFORE UPDATE ON token FOR EACH ROW EXECUTE FUNCTION token_keeps_its_life();
"""

_STATUSES = """
CREATE FUNCTION statuses_of_list(wanted integer) RETURNS TABLE (status_index integer, status smallint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
        SELECT token.status_index, token.status FROM token
        WHERE token.status_list = wanted AND token.status <> 0 ORDER BY token.status_index
    $$
"""


def upgrade() -> None:
    """Creates issuing."""
    op.execute(_TABLES)
    op.execute(_TRIGGER)
    share("status_list", grants="SELECT, INSERT")
    protect("token", grants="SELECT, INSERT, UPDATE")
    protect("credential", grants="SELECT, INSERT")
    open_to("amis_hot", "token", "SELECT")
    hot_function(_STATUSES, "statuses_of_list(integer)")


def downgrade() -> None:
    """Takes issuing away."""
    op.execute("DROP FUNCTION statuses_of_list(integer)")
    op.execute("DROP TABLE credential, token, status_list")
    op.execute("DROP FUNCTION token_keeps_its_life()")
