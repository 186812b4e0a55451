"""The tables of what terminals decided alone, and who may touch them, as migration 0007 creates them."""

from alembic import op

from amis.migrations.tenancy import hot_function, open_to, protect
from amis.migrations.upload_functions import UPLOAD_FUNCTIONS

KINDS = (
    "overspent",
    "revoked_at_time",
    "right_gone",
    "clock",
    "pass_back",
    "two_places",
    "replayed",
    "unknown_token",
    "answered_twice",
    "journal_broken",
)
"""What can be wrong with a use that has taken place."""
# No foreign keys to the ledger: see 0007.
TABLES = f"""
ALTER TABLE tap_key ADD COLUMN uploaded_at timestamptz;
CREATE TABLE conflict (
    id uuid PRIMARY KEY,
    municipality_id integer REFERENCES municipality,
    provider_id uuid NOT NULL REFERENCES provider,
    terminal_id uuid NOT NULL REFERENCES terminal,
    pairing integer NOT NULL,
    seq bigint NOT NULL,
    use_id uuid,
    use_at timestamptz NOT NULL,
    token_id uuid,
    kind text NOT NULL CHECK (kind IN {KINDS}),
    detail jsonb NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'disputed', 'accepted', 'reversed')),
    at timestamptz NOT NULL,
    settled_at timestamptz,
    settled_by text,
    note text NOT NULL DEFAULT '',
    UNIQUE (terminal_id, pairing, seq, kind),
    CHECK ((state IN ('accepted', 'reversed')) = (settled_at IS NOT NULL))
);
CREATE INDEX conflict_queue ON conflict (municipality_id, state, id DESC);
CREATE INDEX conflict_of_use ON conflict (use_id) WHERE use_id IS NOT NULL;
CREATE TABLE quota_reserve (
    id uuid PRIMARY KEY,
    terminal_id uuid NOT NULL REFERENCES terminal,
    pairing integer NOT NULL,
    municipality_id integer NOT NULL REFERENCES municipality,
    person_id uuid NOT NULL,
    token_id uuid NOT NULL,
    concession_id uuid NOT NULL,
    per text NOT NULL,
    window_start date NOT NULL,
    units integer NOT NULL,
    used integer NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND units),
    until timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'returned')),
    at timestamptz NOT NULL
);
CREATE INDEX quota_reserve_of_terminal ON quota_reserve (terminal_id, state);
CREATE INDEX quota_reserve_of_person ON quota_reserve (municipality_id, person_id);
CREATE TABLE amnesty (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    from_day date NOT NULL,
    until_day date NOT NULL,
    note text NOT NULL CHECK (note <> ''),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    CHECK (from_day <= until_day)
);
CREATE INDEX amnesty_days ON amnesty (municipality_id, from_day, until_day);
CREATE TABLE journal_head (
    terminal_id uuid NOT NULL,
    pairing integer NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    at timestamptz NOT NULL,
    PRIMARY KEY (terminal_id, pairing)
);
"""
"""An amnesty holds from `from_day` up to, not including, `until_day`; one that was ended before it began has no day.

`tap_key.uploaded_at` says that the terminal's own record of the tap has come.
"""
# What names no holder and no concession belongs to whoever looks after terminals.
_NOBODYS = """
CREATE POLICY nobodys_rows ON conflict TO amis_app USING (municipality_id IS NULL) WITH CHECK (municipality_id IS NULL);
"""
_READ_OF_AUDIT = "GRANT SELECT (municipality_id, at, action, subject_kind, subject_id, before) ON audit TO amis_hot"
"""The state of a token at a past moment is in its history."""


def create_uploads() -> None:
    """Creates the tables, their policies and the functions that work on them."""
    op.execute(TABLES)
    protect("conflict", grants="SELECT, UPDATE (state, settled_at, settled_by, note)")
    op.execute(_NOBODYS)
    open_to("amis_hot", "conflict", "SELECT, INSERT, UPDATE")
    protect("quota_reserve", grants="SELECT")
    open_to("amis_hot", "quota_reserve", "SELECT, INSERT, UPDATE")
    protect("amnesty", grants="SELECT, INSERT, UPDATE (until_day)")
    open_to("amis_hot", "amnesty", "SELECT")
    open_to("amis_worker", "amnesty", "SELECT")
    op.execute("GRANT SELECT, INSERT, UPDATE ON journal_head TO amis_hot")
    op.execute("GRANT SELECT ON journal_head TO amis_app")
    op.execute(_READ_OF_AUDIT)
    for statement, signature, grantee in UPLOAD_FUNCTIONS:
        hot_function(statement, signature, grantee)


def drop_uploads() -> None:
    """Takes them away."""
    for _, signature, _ in UPLOAD_FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("REVOKE SELECT (municipality_id, at, action, subject_kind, subject_id, before) ON audit FROM amis_hot")
    op.execute("DROP TABLE journal_head, amnesty, quota_reserve, conflict")
