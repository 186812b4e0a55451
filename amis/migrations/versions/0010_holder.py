"""Holders: one-time codes, the phones that they were exchanged for, and the requests that a phone has proved once."""

from alembic import op

from amis.migrations.tenancy import hot_function, open_to, protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE holder_code (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    token_id uuid NOT NULL REFERENCES token,
    code_hash bytea NOT NULL UNIQUE CHECK (octet_length(code_hash) = 32),
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > made_at),
    ended_at timestamptz
);
CREATE INDEX holder_code_token ON holder_code (municipality_id, token_id, made_at);
CREATE TABLE holder_device (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    token_id uuid NOT NULL REFERENCES token,
    jwk jsonb NOT NULL,
    thumbprint text NOT NULL UNIQUE CHECK (length(thumbprint) = 43),
    enrolled_at timestamptz NOT NULL,
    ended_at timestamptz,
    reason text NOT NULL DEFAULT '' CHECK (reason IN ('', 'moved', 'holder', 'office')),
    CHECK ((ended_at IS NULL) = (reason = ''))
);
CREATE UNIQUE INDEX holder_device_live ON holder_device (token_id) WHERE ended_at IS NULL;
CREATE INDEX holder_device_token ON holder_device (municipality_id, token_id);
CREATE TABLE holder_request (
    device_id uuid NOT NULL REFERENCES holder_device,
    jti_hash bytea NOT NULL CHECK (octet_length(jti_hash) = 32),
    municipality_id integer NOT NULL REFERENCES municipality,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (device_id, jti_hash)
);
"""
# A phone says neither which municipality it is of nor who holds it: both are looked up by what only it can show.
_CODE = """
CREATE FUNCTION holder_code_by_hash(hash bytea, moment timestamptz)
RETURNS TABLE (id uuid, municipality_id integer, token_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT code.id, code.municipality_id, code.token_id FROM holder_code AS code
    WHERE code.code_hash = hash AND code.ended_at IS NULL AND code.expires_at > moment
$$
"""
_DEVICE = """
CREATE FUNCTION holder_device_by_thumbprint(print text)
RETURNS TABLE (id uuid, municipality_id integer, token_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT device.id, device.municipality_id, device.token_id FROM holder_device AS device
    WHERE device.thumbprint = print AND device.ended_at IS NULL
$$
"""
_FUNCTIONS = (
    (_CODE, "holder_code_by_hash(bytea, timestamptz)"),
    (_DEVICE, "holder_device_by_thumbprint(text)"),
)


def upgrade() -> None:
    """Creates the room's tables and the two ways in."""
    op.execute(_TABLES)
    protect("holder_code", grants="SELECT, INSERT, UPDATE (ended_at)")
    protect("holder_device", grants="SELECT, INSERT, UPDATE (token_id, ended_at, reason)")
    protect("holder_request", grants="SELECT, INSERT, DELETE")
    for table in ("holder_code", "holder_device"):
        open_to("amis_hot", table, "SELECT")
    for statement, signature in _FUNCTIONS:
        hot_function(statement, signature)


def downgrade() -> None:
    """Takes the room away."""
    for _, signature in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP TABLE holder_request, holder_device, holder_code")
