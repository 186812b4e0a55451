"""Reporting: uses summed up by month, and how far the summing has come."""

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


def upgrade() -> None:
    """Creates the monthly sums; the first run of the job fills them from what is there."""
    op.execute(_TABLES)
    protect("use_month", grants="SELECT")
    op.execute(
        "CREATE POLICY grantor_reads ON use_month FOR SELECT TO amis_app USING (grantor_id = current_municipality())"
    )
    open_to("amis_worker", "use_month", "SELECT, INSERT, UPDATE")
    op.execute("GRANT SELECT ON use_month_mark TO amis_app")
    op.execute("GRANT SELECT, UPDATE ON use_month_mark TO amis_worker")


def downgrade() -> None:
    """Takes the monthly sums away; they can be summed up again."""
    op.execute("DROP TABLE use_month_mark, use_month")
