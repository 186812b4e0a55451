"""Files that people of a municipality hand over, and addresses that sources are asked at; made by migration 0008."""

from alembic import op

from amis.migrations.tenancy import open_to, protect

TABLES = """
CREATE TABLE notice_upload (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    sender_id uuid NOT NULL,
    actor text NOT NULL,
    name text NOT NULL,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    size bigint NOT NULL CHECK (size >= 0),
    raw_key bytea NOT NULL,
    profile jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    batch_id uuid REFERENCES batch,
    raw_gone_at timestamptz,
    FOREIGN KEY (municipality_id, sender_id) REFERENCES sender (municipality_id, id)
);
CREATE INDEX notice_upload_raw ON notice_upload (received_at) WHERE raw_gone_at IS NULL;
CREATE INDEX notice_upload_batch ON notice_upload (batch_id) WHERE batch_id IS NOT NULL;
CREATE TABLE notice_pull (
    sender_id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    url text NOT NULL,
    bearer bytea,
    every interval NOT NULL CHECK (every >= interval '1 minute'),
    cursor text NOT NULL DEFAULT '',
    asked_at timestamptz,
    answered_at timestamptz,
    fault text,
    FOREIGN KEY (municipality_id, sender_id) REFERENCES sender (municipality_id, id)
);
CREATE INDEX notice_pull_town ON notice_pull (municipality_id);
"""
"""An upload without `batch_id` waits for the confirmation of whoever sent it, and goes with its file after a day. `id`
names the sealed file in the folder of the intake; `profile` is how it is read as its sender was shown.

`notice_pull.cursor` is what the source gave with the last rows that were kept, in the same transaction as they.
"""


def create_notice_files() -> None:
    """Creates the tables."""
    op.execute(TABLES)
    protect("notice_upload", grants="SELECT, INSERT, UPDATE (profile, batch_id, raw_gone_at), DELETE")
    open_to("amis_worker", "notice_upload", "SELECT")
    protect("notice_pull", grants="SELECT, INSERT, UPDATE, DELETE")
    open_to("amis_worker", "notice_pull", "SELECT (sender_id, municipality_id, every, asked_at)")


def drop_notice_files() -> None:
    """Takes them away."""
    op.execute("DROP TABLE notice_pull, notice_upload")
