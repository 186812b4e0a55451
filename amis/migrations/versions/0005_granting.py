"""Granting: rules with versions and what they read, entitlements and their log, suspension orders, applications."""

from alembic import op

from amis.migrations.authority_tables import follows_a_merge
from amis.migrations.tenancy import open_to, protect

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
    on_becoming text NOT NULL DEFAULT 'automatic' CHECK (on_becoming IN ('automatic', 'invite', 'on_application')),
    on_ceasing text NOT NULL DEFAULT 'immediate_termination'
        CHECK (on_ceasing IN ('immediate_termination', 'use_until_expiry', 'terminate_after_grace_period')),
    grace_months integer CHECK (grace_months BETWEEN 1 AND 1200),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    legal_clause text NOT NULL CHECK (legal_clause <> ''),
    cases jsonb NOT NULL DEFAULT '[]',
    note text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'tested', 'in_review', 'approved', 'active', 'retired')),
    author text NOT NULL CHECK (author <> ''),
    approver text CHECK (approver <> ''),
    published_at timestamptz,
    retired_on date,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (rule_id, version),
    FOREIGN KEY (municipality_id, rule_id) REFERENCES grant_rule (municipality_id, id),
    CHECK ((grace_months IS NOT NULL) = (on_ceasing = 'terminate_after_grace_period')),
    CHECK (state IN ('draft', 'tested', 'in_review', 'retired') OR approver IS NOT NULL),
    CHECK (state <> 'active' OR published_at IS NOT NULL),
    CHECK ((state = 'retired') = (retired_on IS NOT NULL))
);
CREATE INDEX rule_version_tenant ON rule_version (municipality_id, rule_id, version);
CREATE TABLE rule_reads (
    rule_id uuid NOT NULL,
    version integer NOT NULL,
    kind text NOT NULL CHECK (kind <> ''),
    via text NOT NULL DEFAULT '',
    municipality_id integer NOT NULL REFERENCES municipality,
    PRIMARY KEY (rule_id, version, kind, via),
    FOREIGN KEY (rule_id, version) REFERENCES rule_version ON DELETE CASCADE
);
CREATE INDEX rule_reads_kind ON rule_reads (municipality_id, kind, rule_id);
"""
# An entitlement names the version behind it by number and hash: the version must still be what it was. An active one
# may only be retired.
_IMMUTABLE = """
CREATE FUNCTION rule_version_is_immutable() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    retiring CONSTANT text[] := '{state,retired_on,changed_at}';
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'active' AND NEW.state = 'retired'
        AND to_jsonb(NEW) - retiring = to_jsonb(OLD) - retiring
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'version % of rule % was published and cannot be changed', OLD.version, OLD.rule_id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON rule_version
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION rule_version_is_immutable();
"""
# The hull of the days stands beside them as plain dates: statistics and B-trees know dates, not multiranges.
# Half of each page is free: a new version writes all rows of its rule anew, in place and past their indexes.
# fact_of_kind lets a rule for everybody read the facts of its kinds alone, without their table.
# No foreign keys to persons and rules: both tables are derived, written for a million persons at once out of the very
# rows that the keys would look up again one by one.
_ENTITLEMENTS = """
CREATE TABLE entitlement (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL,
    person_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    concession_id uuid NOT NULL,
    grantor_id integer NOT NULL,
    rule_version integer NOT NULL,
    rule_sha256 text NOT NULL,
    periods datemultirange NOT NULL CHECK (NOT isempty(periods)),
    from_day date NOT NULL GENERATED ALWAYS AS (lower(periods)) STORED,
    until_day date GENERATED ALWAYS AS (upper(periods)) STORED,
    suspended datemultirange NOT NULL DEFAULT '{}',
    waived datemultirange NOT NULL DEFAULT '{}',
    kept datemultirange NOT NULL DEFAULT '{}',
    modes text[] NOT NULL DEFAULT '{}',
    next_change date,
    changed_at timestamptz NOT NULL,
    UNIQUE (municipality_id, person_id, rule_id)
) WITH (fillfactor = 50);
CREATE INDEX entitlement_next_change ON entitlement (municipality_id, next_change);
CREATE INDEX entitlement_rule ON entitlement (municipality_id, rule_id);
CREATE TABLE entitlement_log (
    id uuid PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    municipality_id integer NOT NULL,
    person_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    concession_id uuid NOT NULL,
    rule_version integer,
    change text NOT NULL CHECK (change IN ('begins', 'prolonged', 'shortened', 'ended', 'changed')),
    gained datemultirange NOT NULL,
    lost datemultirange NOT NULL,
    cause text NOT NULL CHECK (cause <> ''),
    cause_ref text NOT NULL,
    at timestamptz NOT NULL,
    feed_no bigint NOT NULL DEFAULT feed_number(),
    CHECK (change = 'changed' OR NOT (isempty(gained) AND isempty(lost)))
);
CREATE INDEX entitlement_log_person ON entitlement_log (municipality_id, person_id, rule_id, at);
CREATE INDEX entitlement_log_xid ON entitlement_log (xid, id);
CREATE INDEX entitlement_log_at ON entitlement_log USING brin (at);
CREATE INDEX entitlement_log_feed ON entitlement_log (feed_no);
CREATE INDEX fact_of_kind ON fact (municipality_id, kind, person_id) INCLUDE (value, valid_from, valid_to)
    WHERE recorded_to IS NULL AND NOT shadowed;
CREATE INDEX fact_override ON fact (municipality_id, value) WHERE kind = 'override' AND recorded_to IS NULL;
CREATE INDEX fact_choice ON fact (municipality_id, value) WHERE kind = 'choice' AND recorded_to IS NULL;
"""
_ORDERS = """
CREATE TABLE suspension_order (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    code text NOT NULL CHECK (code ~ '^[A-Z][A-Z0-9-]{1,31}$'),
    legal_basis text NOT NULL CHECK (legal_basis <> ''),
    concessions text[] NOT NULL CHECK (cardinality(concessions) > 0),
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to > valid_from),
    exceptions jsonb NOT NULL DEFAULT '[]',
    state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'active', 'withdrawn')),
    author text NOT NULL CHECK (author <> ''),
    approver text CHECK (approver <> ''),
    published_at timestamptz,
    UNIQUE (municipality_id, code),
    CHECK (state <> 'active' OR (approver IS NOT NULL AND published_at IS NOT NULL))
);
CREATE TABLE application (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    person_id uuid NOT NULL,
    concession_id uuid NOT NULL REFERENCES concession,
    applicant_id uuid,
    submitted_on date NOT NULL,
    choice text,
    state text NOT NULL DEFAULT 'submitted' CHECK (state IN ('submitted', 'approved', 'refused', 'withdrawn')),
    starts_on date,
    decided_by text,
    decided_at timestamptz,
    reason text NOT NULL DEFAULT '',
    FOREIGN KEY (municipality_id, person_id) REFERENCES person (municipality_id, id),
    FOREIGN KEY (municipality_id, applicant_id) REFERENCES person (municipality_id, id),
    CHECK ((state = 'approved') = (starts_on IS NOT NULL)),
    CHECK (state = 'submitted' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL))
);
CREATE INDEX application_person ON application (municipality_id, person_id);
CREATE INDEX application_open ON application (municipality_id, submitted_on) WHERE state = 'submitted';
"""


def upgrade() -> None:
    """Creates rules, entitlements and the log, suspension orders and applications."""
    for statements in (_RULES, _IMMUTABLE, _ENTITLEMENTS, _ORDERS):
        op.execute(statements)
    op.execute(follows_a_merge("application"))
    protect("grant_rule", grants="SELECT, INSERT, UPDATE (state)", reads_state=True)
    protect("rule_version", reads_state=True)
    protect("rule_reads", grants="SELECT, INSERT, DELETE", reads_state=True)
    protect("entitlement")
    protect("entitlement_log", grants="SELECT, INSERT")
    for role in ("amis_worker", "amis_auditor"):
        open_to(role, "entitlement_log", "SELECT")
    protect("suspension_order", grants="SELECT, INSERT, UPDATE", reads_state=True)
    protect("application", grants="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    """Takes them away."""
    op.execute("DROP INDEX fact_of_kind, fact_override, fact_choice")
    op.execute(
        "DROP TABLE application, suspension_order, entitlement_log, entitlement, rule_reads, rule_version, grant_rule"
    )
    op.execute("DROP FUNCTION rule_version_is_immutable()")
