"""Concessions: the classifier of what grantors give, with dated revisions of the terms."""

from alembic import op

from amis.migrations.tenancy import open_to, protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE concession_group (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    code text NOT NULL CHECK (code ~ '^[A-Z][A-Z0-9-]{1,31}$'),
    name_lv text NOT NULL CHECK (name_lv <> ''),
    name_en text NOT NULL CHECK (name_en <> ''),
    UNIQUE (municipality_id, code),
    UNIQUE (municipality_id, id)
);
CREATE SEQUENCE concession_public_code AS integer MINVALUE 1 MAXVALUE 65535;
CREATE TABLE concession (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    code text NOT NULL CHECK (code ~ '^[A-Z][A-Z0-9-]{1,31}$'),
    public_code integer NOT NULL UNIQUE DEFAULT nextval('concession_public_code')
        CHECK (public_code BETWEEN 1 AND 65535),
    group_id uuid NOT NULL,
    name_lv text NOT NULL CHECK (name_lv <> ''),
    name_en text NOT NULL CHECK (name_en <> ''),
    legal_basis text NOT NULL CHECK (legal_basis <> ''),
    goal text NOT NULL DEFAULT '',
    indicator text NOT NULL DEFAULT '',
    budget_line text NOT NULL DEFAULT '',
    budget numeric(14, 2) CHECK (budget >= 0),
    administration_cost numeric(12, 2) NOT NULL DEFAULT 0 CHECK (administration_cost >= 0),
    funder text NOT NULL CHECK (funder <> ''),
    proof_lv text NOT NULL DEFAULT '',
    proof_en text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'retired')),
    UNIQUE (municipality_id, code),
    UNIQUE (municipality_id, id),
    FOREIGN KEY (municipality_id, group_id) REFERENCES concession_group (municipality_id, id)
);
CREATE INDEX concession_of_group ON concession (municipality_id, group_id);
CREATE TABLE concession_terms (
    concession_id uuid NOT NULL,
    revision integer NOT NULL CHECK (revision > 0),
    municipality_id integer NOT NULL REFERENCES municipality,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to > valid_from),
    discount jsonb NOT NULL,
    quota jsonb,
    terms jsonb NOT NULL,
    funding jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(funding) = 'array'),
    PRIMARY KEY (concession_id, revision),
    FOREIGN KEY (municipality_id, concession_id) REFERENCES concession (municipality_id, id),
    CONSTRAINT concession_terms_overlap EXCLUDE USING gist
        (concession_id WITH =, daterange(valid_from, valid_to) WITH &&)
);
CREATE INDEX concession_terms_day ON concession_terms (municipality_id, concession_id, valid_from);
CREATE TABLE card_product (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    code text NOT NULL CHECK (code ~ '^[A-Z][A-Z0-9-]{1,31}$'),
    name_lv text NOT NULL CHECK (name_lv <> ''),
    name_en text NOT NULL CHECK (name_en <> ''),
    first_fee numeric(12, 2) NOT NULL CHECK (first_fee >= 0),
    replacement_fee numeric(12, 2) NOT NULL CHECK (replacement_fee >= 0),
    valid_months integer NOT NULL CHECK (valid_months BETWEEN 1 AND 600),
    legal_basis text NOT NULL CHECK (legal_basis <> ''),
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to > valid_from),
    UNIQUE (municipality_id, code, valid_from),
    CONSTRAINT card_product_overlap EXCLUDE USING gist
        (municipality_id WITH =, code WITH =, daterange(valid_from, valid_to) WITH &&)
);
"""
# A use names the revision that priced it, so a revision may only be closed, once: the grant below lets the
# application write valid_to alone, and this keeps it from being written twice.
_CLOSED_ONCE = """
CREATE FUNCTION concession_terms_closed_once() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.valid_to IS NOT NULL THEN
        RAISE EXCEPTION 'revision % of concession % is closed already', OLD.revision, OLD.concession_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER closed_once BEFORE UPDATE ON concession_terms
    FOR EACH ROW EXECUTE FUNCTION concession_terms_closed_once();
"""


def upgrade() -> None:
    """Creates the classifier."""
    op.execute(_TABLES)
    op.execute(_CLOSED_ONCE)
    protect("concession_group", grants="SELECT, INSERT, UPDATE", reads_state=True)
    protect("concession", grants="SELECT, INSERT, UPDATE", reads_state=True)
    open_to("amis_worker", "concession", "SELECT (id, code)")
    protect("concession_terms", grants="SELECT, INSERT, UPDATE (valid_to)", reads_state=True)
    protect("card_product", grants="SELECT, INSERT, UPDATE (valid_to)", reads_state=True)
    op.execute("GRANT USAGE ON SEQUENCE concession_public_code TO amis_app")


def downgrade() -> None:
    """Takes the classifier away; the extension stays, as other rooms may use it."""
    op.execute("DROP TABLE card_product, concession_terms, concession, concession_group")
    op.execute("DROP FUNCTION concession_terms_closed_once()")
    op.execute("DROP SEQUENCE concession_public_code")
