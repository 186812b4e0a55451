"""Register: persons with sealed codes and names, bitemporal facts, groups, relations, households, figures of law."""

from alembic import op

from amis.migrations.authority_tables import create_authority, drop_authority
from amis.migrations.tenancy import protect, share

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Whatever has a person has the person's municipality. Codes, prefixes of names and facts come by the hundred thousand,
# of persons who are locked or written in the same transaction; nobody is deleted, and a leaf of the audit tree tells
# what was written of whom: a key to look each of them up again would only cost.
_PERSONS = """
CREATE TABLE person (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    born date,
    died date,
    subject_key bytea,
    name_sealed bytea,
    erased_at timestamptz,
    UNIQUE (municipality_id, id),
    CHECK (died >= born),
    CHECK ((erased_at IS NULL) = (subject_key IS NOT NULL)),
    CHECK (erased_at IS NULL OR (name_sealed IS NULL AND born IS NULL))
);
CREATE TABLE person_code (
    municipality_id integer NOT NULL,
    code_index bytea NOT NULL CHECK (octet_length(code_index) = 16),
    person_id uuid NOT NULL,
    sealed bytea NOT NULL,
    current boolean NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (municipality_id, code_index)
);
CREATE INDEX person_code_history ON person_code (municipality_id, person_id, recorded_at);
CREATE UNIQUE INDEX person_code_current ON person_code (municipality_id, person_id) WHERE current;
CREATE TABLE name_prefix (
    municipality_id integer NOT NULL,
    prefix_index bytea NOT NULL CHECK (octet_length(prefix_index) = 16),
    person_id uuid NOT NULL,
    PRIMARY KEY (municipality_id, prefix_index, person_id)
);
CREATE INDEX name_prefix_person ON name_prefix (municipality_id, person_id);
"""
_FACTS = """
CREATE TABLE fact_kind (
    municipality_id integer NOT NULL REFERENCES municipality,
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{1,39}$'),
    values text[],
    when_missing text NOT NULL CHECK (when_missing IN ('false', 'unknown')),
    numeric boolean NOT NULL DEFAULT false,
    name_lv text NOT NULL DEFAULT '',
    name_en text NOT NULL DEFAULT '',
    PRIMARY KEY (municipality_id, code)
);
CREATE TABLE fact (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    value text NOT NULL CHECK (value <> ''),
    num numeric(14,4),
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to > valid_from),
    recorded_from timestamptz NOT NULL,
    recorded_to timestamptz CHECK (recorded_to >= recorded_from),
    source text NOT NULL CHECK (source <> ''),
    record_id text NOT NULL CHECK (record_id <> ''),
    version bigint NOT NULL CHECK (version > 0),
    closed_version bigint CHECK (closed_version >= version),
    decision jsonb,
    provenance jsonb,
    CHECK ((recorded_to IS NULL) = (closed_version IS NULL))
);
CREATE UNIQUE INDEX fact_version ON fact (municipality_id, source, record_id, version, recorded_from);
CREATE UNIQUE INDEX fact_open ON fact (municipality_id, source, record_id) WHERE recorded_to IS NULL;
CREATE INDEX fact_person ON fact (municipality_id, person_id, kind, valid_from);
"""
_GROUPS = """
CREATE TABLE person_group (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{1,39}$'),
    name_lv text NOT NULL CHECK (name_lv <> ''),
    name_en text NOT NULL CHECK (name_en <> ''),
    legal_name text NOT NULL DEFAULT '',
    condition jsonb,
    UNIQUE (municipality_id, code),
    UNIQUE (municipality_id, id)
);
CREATE TABLE membership (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    person_id uuid NOT NULL,
    group_id uuid NOT NULL,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to > valid_from),
    recorded_from timestamptz NOT NULL,
    recorded_to timestamptz CHECK (recorded_to >= recorded_from),
    FOREIGN KEY (municipality_id, person_id) REFERENCES person (municipality_id, id),
    FOREIGN KEY (municipality_id, group_id) REFERENCES person_group (municipality_id, id)
);
CREATE INDEX membership_person ON membership (municipality_id, person_id, group_id, valid_from);
CREATE INDEX membership_group ON membership (municipality_id, group_id, valid_from);
"""
_RELATIONS = """
CREATE TABLE relation (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    person_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('child', 'spouse', 'ward')),
    other_id uuid NOT NULL CHECK (other_id <> person_id),
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to > valid_from),
    recorded_from timestamptz NOT NULL,
    recorded_to timestamptz CHECK (recorded_to >= recorded_from),
    source text NOT NULL CHECK (source <> ''),
    reason text NOT NULL DEFAULT '',
    FOREIGN KEY (municipality_id, person_id) REFERENCES person (municipality_id, id),
    FOREIGN KEY (municipality_id, other_id) REFERENCES person (municipality_id, id)
);
CREATE INDEX relation_person ON relation (municipality_id, person_id, kind);
CREATE INDEX relation_other ON relation (municipality_id, other_id, kind);
CREATE TABLE household (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    code text CHECK (code <> ''),
    UNIQUE (municipality_id, code),
    UNIQUE (municipality_id, id)
);
CREATE TABLE household_member (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    household_id uuid NOT NULL,
    person_id uuid NOT NULL,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to > valid_from),
    recorded_from timestamptz NOT NULL,
    recorded_to timestamptz CHECK (recorded_to >= recorded_from),
    source text NOT NULL CHECK (source <> ''),
    FOREIGN KEY (municipality_id, household_id) REFERENCES household (municipality_id, id),
    FOREIGN KEY (municipality_id, person_id) REFERENCES person (municipality_id, id)
);
CREATE INDEX household_member_person ON household_member (municipality_id, person_id, valid_from);
CREATE INDEX household_member_household ON household_member (municipality_id, household_id, valid_from);
CREATE VIEW relation_seen WITH (security_invoker) AS
SELECT municipality_id, person_id, kind, other_id, daterange(valid_from, valid_to) AS valid
FROM relation WHERE recorded_to IS NULL
UNION ALL
SELECT municipality_id, other_id, CASE kind WHEN 'child' THEN 'parent' WHEN 'ward' THEN 'guardian' ELSE kind END,
    person_id, daterange(valid_from, valid_to)
FROM relation WHERE recorded_to IS NULL
UNION ALL
SELECT one.municipality_id, one.person_id, 'household', other.person_id,
    daterange(one.valid_from, one.valid_to) * daterange(other.valid_from, other.valid_to)
FROM household_member one
JOIN household_member other ON other.municipality_id = one.municipality_id
    AND other.household_id = one.household_id AND other.person_id <> one.person_id
    AND daterange(other.valid_from, other.valid_to) && daterange(one.valid_from, one.valid_to)
WHERE one.recorded_to IS NULL AND other.recorded_to IS NULL;
"""
_LAW = """
CREATE TABLE figure (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    kind text NOT NULL CHECK (kind IN ('parameter', 'cohort')),
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{1,39}$'),
    valid_from date,
    valid_to date CHECK (valid_to > valid_from),
    figure numeric(14,4) NOT NULL,
    legal_basis text NOT NULL DEFAULT '',
    CONSTRAINT figure_overlap EXCLUDE USING gist
        (municipality_id WITH =, kind WITH =, code WITH =, daterange(valid_from, valid_to) WITH &&)
);
CREATE INDEX figure_code ON figure (municipality_id, kind, code);
CREATE TABLE calendar (
    municipality_id integer NOT NULL REFERENCES municipality,
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{1,39}$'),
    name_lv text NOT NULL CHECK (name_lv <> ''),
    name_en text NOT NULL CHECK (name_en <> ''),
    days datemultirange NOT NULL,
    PRIMARY KEY (municipality_id, code)
);
"""


def upgrade() -> None:
    """Creates the register."""
    for statements in (_PERSONS, _FACTS, _GROUPS, _RELATIONS, _LAW):
        op.execute(statements)
    protect("person", grants="SELECT, INSERT, UPDATE")
    protect("person_code", grants="SELECT, INSERT, UPDATE (current), DELETE")
    protect("name_prefix", grants="SELECT, INSERT, DELETE")
    protect("fact_kind", grants="SELECT, INSERT, UPDATE", reads_state=True)
    protect("fact", grants="SELECT, INSERT, UPDATE (recorded_to, closed_version)")
    protect("person_group", grants="SELECT, INSERT, UPDATE")
    protect("membership", grants="SELECT, INSERT, UPDATE (recorded_to)")
    protect("relation", grants="SELECT, INSERT, UPDATE (recorded_to)")
    protect("household", grants="SELECT, INSERT")
    protect("household_member", grants="SELECT, INSERT, UPDATE (recorded_to)")
    share("relation_seen")
    protect("figure", reads_state=True)
    protect("calendar", grants="SELECT, INSERT, UPDATE", reads_state=True)
    create_authority()


def downgrade() -> None:
    """Takes the register away."""
    drop_authority()
    op.execute("DROP VIEW relation_seen")
    op.execute("DROP TABLE calendar, figure, household_member, household, relation, membership, person_group")
    op.execute("DROP TABLE fact, fact_kind, name_prefix, person_code, person")
