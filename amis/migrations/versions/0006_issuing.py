"""Issuing: tokens, credentials, status lists, and what it takes to make a card; triggers keep the life of a token."""

from alembic import op

from amis.migrations.authority_tables import follows_a_merge
from amis.migrations.tenancy import hot_function, open_to, protect, share
from amis.migrations.token_log import create_token_log, drop_token_log

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE status_list (
    id integer PRIMARY KEY CHECK (id BETWEEN 0 AND 32767),
    cohort text NOT NULL CHECK (cohort ~ '^[0-9]{4}H[12]$' OR cohort = 'canary')
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
    application_id uuid,
    card_uid bytea CHECK (octet_length(card_uid) = 7),
    keyset smallint CHECK (keyset BETWEEN 1 AND 255),
    posted_on date,
    CHECK (valid_from < valid_to),
    CHECK ((kind = 'card') = (application_id IS NOT NULL)),
    CHECK (kind = 'card' OR (card_uid IS NULL AND keyset IS NULL AND posted_on IS NULL)),
    CHECK (
        kind <> 'card' OR state NOT IN ('issued', 'active', 'blocked')
        OR (card_uid IS NOT NULL AND keyset IS NOT NULL)
    ),
    UNIQUE (status_list, status_index)
);
CREATE INDEX token_person ON token (municipality_id, person_id, requested_at);
CREATE INDEX token_recent ON token (municipality_id, requested_at DESC);
CREATE INDEX token_marked ON token (status_list, status_index) INCLUDE (status) WHERE status <> 0;
CREATE UNIQUE INDEX token_replaces ON token (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX token_application_of ON token (application_id) WHERE application_id IS NOT NULL;
CREATE UNIQUE INDEX token_application_live ON token (application_id)
    WHERE application_id IS NOT NULL AND state <> 'ended';
CREATE UNIQUE INDEX token_card_uid ON token (card_uid) WHERE card_uid IS NOT NULL AND state <> 'ended';
CREATE INDEX token_chip ON token (card_uid, requested_at DESC) WHERE card_uid IS NOT NULL;
CREATE INDEX token_posted ON token (municipality_id, posted_on) WHERE state = 'issued' AND posted_on IS NOT NULL;
CREATE TABLE credential (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    token_id uuid NOT NULL REFERENCES token,
    person_id uuid REFERENCES person,
    generation integer NOT NULL,
    profile text NOT NULL CHECK (profile IN ('S', 'P', 'B', 'C')),
    kid bytea NOT NULL CHECK (octet_length(kid) = 4),
    cti bytea UNIQUE CHECK (octet_length(cti) = 8),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    rights jsonb NOT NULL,
    sealed bytea NOT NULL,
    CHECK ((cti IS NULL) = (profile = 'B')),
    UNIQUE (token_id, generation)
);
"""

_APPLICATIONS = """
CREATE TABLE desk (
    id uuid PRIMARY KEY REFERENCES machine,
    municipality_id integer NOT NULL REFERENCES municipality,
    name text NOT NULL CHECK (name <> ''),
    address text NOT NULL DEFAULT '',
    printer text NOT NULL DEFAULT '',
    UNIQUE (municipality_id, id)
);
CREATE TABLE campaign (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    name text NOT NULL CHECK (name <> ''),
    product text NOT NULL,
    expiring_to date NOT NULL,
    keep_until date NOT NULL CHECK (keep_until >= expiring_to),
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    UNIQUE (municipality_id, id)
);
CREATE TABLE photo (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    person_id uuid NOT NULL,
    sealed bytea NOT NULL,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    taken_at timestamptz NOT NULL,
    source text NOT NULL CHECK (source IN ('camera', 'upload')),
    UNIQUE (municipality_id, id),
    FOREIGN KEY (municipality_id, person_id) REFERENCES person (municipality_id, id)
);
CREATE INDEX photo_person ON photo (municipality_id, person_id, taken_at);
CREATE INDEX photo_alike ON photo (municipality_id, sha256);
CREATE TABLE token_application (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    person_id uuid NOT NULL,
    product text NOT NULL,
    reason text NOT NULL CHECK (reason IN ('first', 'lost', 'stolen', 'damaged', 'renewal', 'moved')),
    channel text NOT NULL CHECK (channel IN ('desk', 'campaign')),
    applicant_id uuid,
    delivery text NOT NULL CHECK (delivery IN ('desk', 'post')),
    desk_id uuid,
    campaign_id uuid,
    replaces uuid REFERENCES token,
    photo_id uuid,
    fee numeric(12, 2) NOT NULL CHECK (fee >= 0),
    waiver text NOT NULL DEFAULT '',
    police_reference text NOT NULL DEFAULT '' CHECK (length(police_reference) <= 60),
    state text NOT NULL CHECK (state IN ('submitted', 'referred', 'approved', 'refused', 'withdrawn', 'done')),
    submitted_at timestamptz NOT NULL,
    submitted_by text NOT NULL,
    decided_at timestamptz,
    decided_by text,
    decision text NOT NULL DEFAULT '',
    paid_at timestamptz,
    UNIQUE (municipality_id, id),
    FOREIGN KEY (municipality_id, person_id) REFERENCES person (municipality_id, id),
    FOREIGN KEY (municipality_id, applicant_id) REFERENCES person (municipality_id, id),
    FOREIGN KEY (municipality_id, desk_id) REFERENCES desk (municipality_id, id),
    FOREIGN KEY (municipality_id, campaign_id) REFERENCES campaign (municipality_id, id),
    FOREIGN KEY (municipality_id, photo_id) REFERENCES photo (municipality_id, id),
    CHECK (state IN ('submitted', 'referred') OR (decided_at IS NOT NULL AND decided_by IS NOT NULL)),
    CHECK (waiver = '' OR fee = 0),
    CHECK (channel <> 'campaign' OR campaign_id IS NOT NULL)
);
CREATE INDEX token_application_queue ON token_application (municipality_id, state, submitted_at);
CREATE INDEX token_application_approved ON token_application
    (municipality_id, (campaign_id IS NOT NULL), decided_at, id) WHERE state = 'approved';
CREATE INDEX token_application_person ON token_application (municipality_id, person_id, submitted_at);
CREATE UNIQUE INDEX token_application_open ON token_application (municipality_id, person_id, product)
    WHERE state IN ('submitted', 'referred');
CREATE INDEX token_application_campaign ON token_application (campaign_id) WHERE campaign_id IS NOT NULL;
ALTER TABLE token ADD FOREIGN KEY (municipality_id, application_id) REFERENCES token_application (municipality_id, id);
"""
# A movement's pieces are signed: what comes is above zero, what goes below. desk_id NULL is the store of the town hall.
_PRODUCTION = """
CREATE TABLE stock_movement (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    desk_id uuid,
    product text NOT NULL,
    kind text NOT NULL
        CHECK (kind IN ('received', 'allocated', 'used', 'spoiled', 'returned', 'destroyed', 'counted')),
    pieces integer NOT NULL,
    at timestamptz NOT NULL,
    moved_by text NOT NULL,
    note text NOT NULL DEFAULT '',
    token_id uuid REFERENCES token,
    FOREIGN KEY (municipality_id, desk_id) REFERENCES desk (municipality_id, id)
);
CREATE INDEX stock_movement_desk ON stock_movement (municipality_id, product, desk_id, at) INCLUDE (pieces);
CREATE INDEX stock_movement_recent ON stock_movement (municipality_id, at DESC, id DESC);
CREATE INDEX stock_movement_token ON stock_movement (token_id) WHERE token_id IS NOT NULL;
CREATE TABLE card_operation (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    desk_id uuid NOT NULL,
    token_id uuid REFERENCES token,
    kind text NOT NULL CHECK (kind IN ('personalise', 'verify', 'update', 'rotate', 'retire', 'read')),
    uid bytea CHECK (octet_length(uid) = 7),
    reader text NOT NULL DEFAULT '',
    state text NOT NULL CHECK (state IN ('asked', 'running', 'waiting', 'done', 'failed')),
    sent integer NOT NULL DEFAULT 0 CHECK (sent >= 0),
    message text NOT NULL DEFAULT '',
    keyset smallint CHECK (keyset BETWEEN 1 AND 255),
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    begun_at timestamptz,
    ended_at timestamptz,
    stop_asked boolean NOT NULL DEFAULT false,
    detail text NOT NULL DEFAULT '',
    FOREIGN KEY (municipality_id, desk_id) REFERENCES desk (municipality_id, id),
    CHECK ((state IN ('done', 'failed')) = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX card_operation_open ON card_operation (desk_id) WHERE state IN ('asked', 'running', 'waiting');
CREATE UNIQUE INDEX card_operation_of ON card_operation (token_id)
    WHERE token_id IS NOT NULL AND state IN ('asked', 'running', 'waiting');
CREATE TABLE desk_presence (
    desk_id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    connection uuid NOT NULL,
    agent text NOT NULL DEFAULT '',
    readers jsonb NOT NULL DEFAULT '[]',
    reader text NOT NULL DEFAULT '',
    card_uid bytea CHECK (octet_length(card_uid) <= 10),
    card_present boolean NOT NULL DEFAULT false,
    seen_at timestamptz NOT NULL,
    closed_at timestamptz,
    FOREIGN KEY (municipality_id, desk_id) REFERENCES desk (municipality_id, id)
);
CREATE INDEX card_operation_desk ON card_operation (municipality_id, desk_id, asked_at DESC);
CREATE INDEX card_operation_token ON card_operation (token_id, asked_at) WHERE token_id IS NOT NULL;
CREATE TABLE bureau_batch (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    product text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    state text NOT NULL CHECK (state IN ('open', 'sent', 'answered')),
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    sent_at timestamptz,
    answered_at timestamptz,
    UNIQUE (municipality_id, number),
    UNIQUE (municipality_id, id)
);
CREATE TABLE bureau_item (
    batch_id uuid NOT NULL,
    line integer NOT NULL CHECK (line > 0),
    municipality_id integer NOT NULL REFERENCES municipality,
    token_id uuid NOT NULL REFERENCES token,
    result text CHECK (result IN ('produced', 'spoiled')),
    uid bytea CHECK (octet_length(uid) = 7),
    note text NOT NULL DEFAULT '',
    PRIMARY KEY (batch_id, line),
    UNIQUE (batch_id, token_id),
    FOREIGN KEY (municipality_id, batch_id) REFERENCES bureau_batch (municipality_id, id)
);
CREATE INDEX bureau_item_made ON bureau_item (token_id) WHERE result = 'produced';
CREATE UNIQUE INDEX bureau_item_open ON bureau_item (token_id) WHERE result IS NULL;
CREATE TABLE print_job (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    desk_id uuid NOT NULL,
    token_id uuid NOT NULL REFERENCES token,
    kind text NOT NULL CHECK (kind IN ('face', 'letter')),
    state text NOT NULL CHECK (state IN ('queued', 'sent', 'printed', 'failed')),
    message text NOT NULL DEFAULT '',
    asked_at timestamptz NOT NULL,
    done_at timestamptz,
    FOREIGN KEY (municipality_id, desk_id) REFERENCES desk (municipality_id, id)
);
CREATE INDEX print_job_open ON print_job (desk_id, asked_at) WHERE state IN ('queued', 'sent');
CREATE INDEX print_job_token ON print_job (token_id, asked_at);
CREATE INDEX audit_left_out ON audit (municipality_id, at) WHERE action = 'campaign.leave_out';
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
    IF NEW.person_id <> OLD.person_id THEN
        IF to_jsonb(NEW) - 'person_id' <> to_jsonb(OLD) - 'person_id'
            OR NOT merged_here(NEW.municipality_id, OLD.person_id, NEW.person_id) THEN
            RAISE EXCEPTION 'a token stays with its person' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'ended' THEN
        RAISE EXCEPTION 'an ended token never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN ({", ".join(map(str, STEPS))}) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            MESSAGE = 'a token does not go from ' || OLD.state || ' to ' || NEW.state;
    END IF;
    IF (NEW.id, NEW.municipality_id, NEW.kind, NEW.number, NEW.status_list, NEW.status_index)
        <> (OLD.id, OLD.municipality_id, OLD.kind, OLD.number, OLD.status_list, OLD.status_index) THEN
        RAISE EXCEPTION 'a token is never another one' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.application_id IS DISTINCT FROM OLD.application_id
        OR (NEW.card_uid IS DISTINCT FROM OLD.card_uid AND OLD.state NOT IN ('approved', 'produced')) THEN
        RAISE EXCEPTION 'a card keeps its application, and once it is handed over its chip'
            USING ERRCODE = 'check_violation';
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
# Whatever the service does: no card that nobody approved.
_NO_CARD_UNASKED = """
CREATE FUNCTION card_was_approved() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM token_application a
        WHERE a.id = NEW.application_id AND a.municipality_id = NEW.municipality_id AND a.person_id = NEW.person_id
            AND a.state = 'approved'
    ) THEN
        RAISE EXCEPTION 'a card needs an approved application' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER card_approved BEFORE INSERT ON token
    FOR EACH ROW WHEN (NEW.kind = 'card') EXECUTE FUNCTION card_was_approved();
"""

_STATUSES = """
CREATE FUNCTION statuses_of_list(wanted integer) RETURNS TABLE (status_index integer, status smallint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
        SELECT token.status_index, token.status FROM token
        WHERE token.status_list = wanted AND token.status <> 0 ORDER BY token.status_index
    $$
"""


_GRANTS = {
    "token": "SELECT, INSERT, UPDATE",
    "credential": "SELECT, INSERT",
    "desk": "SELECT, INSERT, UPDATE (name, address, printer)",
    "campaign": "SELECT, INSERT",
    "photo": "SELECT, INSERT",
    "token_application": "SELECT, INSERT, UPDATE (person_id, applicant_id, state, decided_at, decided_by, decision,"
    " paid_at)",
    "stock_movement": "SELECT, INSERT",
    "card_operation": "SELECT, INSERT, UPDATE (uid, reader, state, sent, message, keyset, begun_at, ended_at,"
    " stop_asked, detail)",
    "desk_presence": "SELECT, INSERT, UPDATE",
    "bureau_batch": "SELECT, INSERT, UPDATE (state, sent_at, answered_at)",
    "bureau_item": "SELECT, INSERT, UPDATE (result, uid, note)",
    "print_job": "SELECT, INSERT, UPDATE (state, message, done_at)",
}


def upgrade() -> None:
    """Creates issuing."""
    for statements in (_TABLES, _APPLICATIONS, _PRODUCTION, _TRIGGER, _NO_CARD_UNASKED):
        op.execute(statements)
    op.execute(follows_a_merge("token_application"))
    share("status_list", grants="SELECT, INSERT")
    for table, grants in _GRANTS.items():
        protect(table, grants=grants)
    open_to("amis_hot", "token", "SELECT")
    hot_function(_STATUSES, "statuses_of_list(integer)")
    create_token_log()


def downgrade() -> None:
    """Takes issuing away."""
    op.execute("DROP FUNCTION statuses_of_list(integer)")
    op.execute("DROP INDEX audit_left_out")
    op.execute("DROP TABLE print_job, bureau_item, bureau_batch, desk_presence, card_operation, stock_movement")
    op.execute("DROP TABLE credential, token, token_application, photo, campaign, desk, status_list")
    op.execute("DROP FUNCTION token_keeps_its_life(), card_was_approved()")
    drop_token_log()
