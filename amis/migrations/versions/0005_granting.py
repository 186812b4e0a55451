"""Granting: rules with immutable versions, what they read, entitlements with exact days and their log."""

from alembic import op

from amis.migrations.tenancy import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_RULES = """
CREATE TABLE grant_rule (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    code text NOT NULL CHECK (code ~ '^[A-Z][A-Z0-9-]{1,31}$'),
    concession_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'retired')),
    UNIQUE (municipality_id, code),
    UNIQUE (municipality_id, id),
    FOREIGN KEY (municipality_id, concession_id) REFERENCES concession (municipality_id, id)
);
CREATE UNIQUE INDEX grant_rule_concession ON grant_rule (municipality_id, concession_id) WHERE state = 'active';
CREATE TABLE rule_version (
    rule_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    municipality_id integer NOT NULL REFERENCES municipality,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to > valid_from),
    condition jsonb NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    legal_clause text NOT NULL CHECK (legal_clause <> ''),
    state text NOT NULL CHECK (state IN ('draft', 'active')),
    author text NOT NULL CHECK (author <> ''),
    approver text NOT NULL CHECK (approver <> ''),
    published_at timestamptz NOT NULL,
    PRIMARY KEY (rule_id, version),
    FOREIGN KEY (municipality_id, rule_id) REFERENCES grant_rule (municipality_id, id)
);
CREATE INDEX rule_version_tenant ON rule_version (municipality_id, rule_id, version);
CREATE TABLE rule_reads (
    rule_id uuid NOT NULL,
    version integer NOT NULL,
    kind text NOT NULL CHECK (kind <> ''),
    municipality_id integer NOT NULL REFERENCES municipality,
    PRIMARY KEY (rule_id, version, kind),
    FOREIGN KEY (rule_id, version) REFERENCES rule_version
);
CREATE INDEX rule_reads_kind ON rule_reads (municipality_id, kind, rule_id);
"""
# An entitlement names the version behind it by number and hash: the version must still be what it was.
_IMMUTABLE = """
CREATE FUNCTION rule_version_is_immutable() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'version % of rule % is active and cannot be changed', OLD.version, OLD.rule_id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON rule_version
    FOR EACH ROW WHEN (OLD.state = 'active') EXECUTE FUNCTION rule_version_is_immutable();
"""
# The hull of the days stands beside them as plain dates: statistics and B-trees know dates, not multiranges.
_ENTITLEMENTS = """
CREATE TABLE entitlement (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    person_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    concession_id uuid NOT NULL REFERENCES concession,
    grantor_id integer NOT NULL REFERENCES municipality,
    rule_version integer NOT NULL,
    rule_sha256 text NOT NULL,
    periods datemultirange NOT NULL CHECK (NOT isempty(periods)),
    from_day date NOT NULL GENERATED ALWAYS AS (lower(periods)) STORED,
    until_day date GENERATED ALWAYS AS (upper(periods)) STORED,
    next_change date,
    changed_at timestamptz NOT NULL,
    UNIQUE (municipality_id, person_id, rule_id),
    FOREIGN KEY (municipality_id, person_id) REFERENCES person (municipality_id, id),
    FOREIGN KEY (rule_id, rule_version) REFERENCES rule_version
);
CREATE INDEX entitlement_next_change ON entitlement (municipality_id, next_change);
CREATE TABLE entitlement_log (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    person_id uuid NOT NULL,
    rule_id uuid NOT NULL REFERENCES grant_rule,
    concession_id uuid NOT NULL REFERENCES concession,
    gained datemultirange NOT NULL,
    lost datemultirange NOT NULL,
    cause text NOT NULL CHECK (cause <> ''),
    cause_ref text NOT NULL,
    at timestamptz NOT NULL,
    FOREIGN KEY (municipality_id, person_id) REFERENCES person (municipality_id, id),
    CHECK (NOT (isempty(gained) AND isempty(lost)))
);
CREATE INDEX entitlement_log_person ON entitlement_log (municipality_id, person_id, rule_id, at);
"""


def upgrade() -> None:
    """Creates rules, entitlements and the log."""
    for statements in (_RULES, _IMMUTABLE, _ENTITLEMENTS):
        op.execute(statements)
    protect("grant_rule", grants="SELECT, INSERT, UPDATE (state)", reads_state=True)
    protect("rule_version", grants="SELECT, INSERT", reads_state=True)
    protect("rule_reads", grants="SELECT, INSERT", reads_state=True)
    protect("entitlement")
    protect("entitlement_log", grants="SELECT, INSERT")


def downgrade() -> None:
    """Takes them away."""
    op.execute("DROP TABLE entitlement_log, entitlement, rule_reads, rule_version, grant_rule")
    op.execute("DROP FUNCTION rule_version_is_immutable()")
