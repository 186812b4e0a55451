"""Notifying: how persons are reached, what they are to be told, and the messages that tell it."""

from alembic import op

from amis.migrations.tenancy import protect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SETTINGS = """
CREATE TABLE contact (
    municipality_id integer NOT NULL REFERENCES municipality,
    person_id uuid NOT NULL REFERENCES person,
    email_sealed bytea,
    phone_sealed bytea,
    address_sealed bytea,
    language text NOT NULL CHECK (language IN ('lv', 'en')),
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'post', 'none')),
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (municipality_id, person_id)
);
CREATE TABLE notifying_setting (
    municipality_id integer PRIMARY KEY REFERENCES municipality,
    active boolean NOT NULL,
    kinds text[] NOT NULL,
    days_before integer NOT NULL CHECK (days_before BETWEEN 1 AND 90),
    quiet_minutes integer NOT NULL CHECK (quiet_minutes BETWEEN 0 AND 1440),
    a_minute integer NOT NULL CHECK (a_minute BETWEEN 1 AND 1000),
    sender_lv text NOT NULL,
    sender_en text NOT NULL,
    questions text NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL
);
CREATE TABLE notifying_mark (
    municipality_id integer PRIMARY KEY REFERENCES municipality,
    seq bigint NOT NULL CHECK (seq >= 0)
);
"""
_MESSAGES = """
CREATE TABLE holder_message (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    person_id uuid NOT NULL REFERENCES person,
    kinds text[] NOT NULL CHECK (cardinality(kinds) > 0),
    legal boolean NOT NULL,
    channel text NOT NULL CHECK (channel IN ('', 'email', 'sms', 'post')),
    language text NOT NULL CHECK (language IN ('lv', 'en')),
    state text NOT NULL CHECK (state IN ('queued', 'sent', 'given_up', 'cancelled')),
    sealed bytea,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    sent_at timestamptz,
    error text NOT NULL DEFAULT '',
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX holder_message_person ON holder_message (municipality_id, person_id, created_at);
CREATE INDEX holder_message_due ON holder_message (municipality_id, due_at, id) WHERE state = 'queued';
CREATE INDEX holder_message_stuck ON holder_message (municipality_id, created_at) WHERE state = 'given_up';
CREATE INDEX holder_message_kept ON holder_message (municipality_id, created_at) WHERE sealed IS NOT NULL;
CREATE TABLE holder_news (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    person_id uuid NOT NULL REFERENCES person,
    cause_key text NOT NULL,
    topic text NOT NULL,
    concession_id uuid REFERENCES concession,
    rule_id uuid REFERENCES grant_rule,
    token_id uuid REFERENCES token,
    gained datemultirange NOT NULL DEFAULT '{}',
    lost datemultirange NOT NULL DEFAULT '{}',
    last_day date,
    cause text NOT NULL,
    cause_ref text NOT NULL,
    happened_at timestamptz NOT NULL,
    noted_at timestamptz NOT NULL,
    held boolean NOT NULL,
    settled_at timestamptz,
    message_id uuid REFERENCES holder_message,
    UNIQUE (municipality_id, cause_key),
    CHECK (message_id IS NULL OR settled_at IS NOT NULL)
);
CREATE INDEX holder_news_open ON holder_news (municipality_id, person_id, id) WHERE settled_at IS NULL;
CREATE INDEX holder_news_held ON holder_news (municipality_id, cause, cause_ref) WHERE held AND settled_at IS NULL;
CREATE INDEX holder_news_message ON holder_news (municipality_id, message_id) WHERE message_id IS NOT NULL;
"""


def upgrade() -> None:
    """Creates the room's tables."""
    op.execute(_SETTINGS)
    op.execute(_MESSAGES)
    # an address that is not wanted any more goes; what was told, and that it was, stays
    protect("contact")
    protect("notifying_setting", grants="SELECT, INSERT, UPDATE")
    protect("notifying_mark", grants="SELECT, INSERT, UPDATE")
    changed = "channel, language, state, sealed, due_at, attempts, lease_until, sent_at, error"
    protect("holder_message", grants=f"SELECT, INSERT, UPDATE ({changed})")
    protect("holder_news", grants="SELECT, INSERT, UPDATE (held, settled_at, message_id), DELETE")


def downgrade() -> None:
    """Takes the room away."""
    op.execute("DROP TABLE holder_news, holder_message, notifying_mark, notifying_setting, contact")
