"""Reporting: uses summed up by month, and how far the summing has come; what was used without a right, and months."""

from alembic import op

from amis.migrations.tenancy import open_to, protect

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE use_month (
    municipality_id integer NOT NULL REFERENCES municipality,
    grantor_id integer NOT NULL REFERENCES municipality,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    provider_id uuid NOT NULL REFERENCES provider,
    concession_id uuid NOT NULL REFERENCES concession,
    funder text NOT NULL,
    uses bigint NOT NULL,
    repeated bigint NOT NULL DEFAULT 0,
    gross numeric(18, 4) NOT NULL,
    payable numeric(18, 4) NOT NULL,
    discount numeric(18, 4) NOT NULL,
    PRIMARY KEY (municipality_id, month, provider_id, concession_id, funder),
    CHECK (discount = gross - payable)
);
CREATE INDEX use_month_grantor ON use_month (grantor_id, month);
CREATE TABLE use_month_mark (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    xid_before xid8 NOT NULL
);
INSERT INTO use_month_mark (xid_before) VALUES ('0');
"""
# A use is decided once, so what a terminal sends late makes a case of its own and nothing is recovered twice.
_SETTLEMENT = """
CREATE TABLE settlement_month (
    municipality_id integer NOT NULL REFERENCES municipality,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    closed_at timestamptz NOT NULL,
    closed_by text NOT NULL CHECK (closed_by <> ''),
    PRIMARY KEY (municipality_id, month)
);
CREATE TABLE settlement_adjustment (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    grantor_id integer NOT NULL REFERENCES municipality,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    provider_id uuid NOT NULL REFERENCES provider,
    concession_id uuid NOT NULL REFERENCES concession,
    funder text NOT NULL,
    amount numeric(14, 4) NOT NULL CHECK (amount >= 0),
    uses integer NOT NULL CHECK (uses > 0),
    cause_log_id uuid NOT NULL REFERENCES entitlement_log,
    state text NOT NULL CHECK (state IN ('recover', 'written_off')),
    reason text NOT NULL CHECK (state = 'recover' OR reason <> ''),
    decided_by text NOT NULL CHECK (decided_by <> ''),
    decided_at timestamptz NOT NULL
);
CREATE INDEX settlement_adjustment_month ON settlement_adjustment (municipality_id, month);
CREATE INDEX settlement_adjustment_cause ON settlement_adjustment (municipality_id, cause_log_id);
CREATE TABLE settled_use (
    municipality_id integer NOT NULL REFERENCES municipality,
    use_id uuid NOT NULL,
    cause_log_id uuid NOT NULL REFERENCES entitlement_log,
    PRIMARY KEY (municipality_id, use_id)
);
CREATE INDEX entitlement_log_lost_past ON entitlement_log (municipality_id, id)
    WHERE lower(lost) < (at AT TIME ZONE 'Europe/Riga')::date;
CREATE INDEX entitlement_log_gained_past ON entitlement_log (municipality_id, id)
    WHERE lower(gained) < (at AT TIME ZONE 'Europe/Riga')::date;
"""
_OF_GRANTOR = """
CREATE POLICY grantor_reads ON {table} FOR SELECT TO amis_app USING (grantor_id = current_municipality())
"""


def upgrade() -> None:
    """Creates the monthly sums; the first run of the job fills them from what is there."""
    op.execute(_TABLES)
    op.execute(_SETTLEMENT)
    for table in ("settlement_month", "settlement_adjustment", "settled_use"):
        protect(table, grants="SELECT, INSERT")
    op.execute(_OF_GRANTOR.format(table="settlement_adjustment"))
    protect("use_month", grants="SELECT")
    op.execute(_OF_GRANTOR.format(table="use_month"))
    open_to("amis_worker", "use_month", "SELECT, INSERT, UPDATE")
    op.execute("GRANT SELECT ON use_month_mark TO amis_app")
    op.execute("GRANT SELECT, UPDATE ON use_month_mark TO amis_worker")


def downgrade() -> None:
    """Takes the monthly sums away; they can be summed up again."""
    op.execute("DROP INDEX entitlement_log_lost_past, entitlement_log_gained_past")
    op.execute("DROP TABLE settled_use, settlement_adjustment, settlement_month, use_month_mark, use_month")
