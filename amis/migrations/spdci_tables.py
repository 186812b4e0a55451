"""Social registries that speak the DCI interface, made by migration 0008: peers, what they sent, what we asked."""

from alembic import op

from amis.migrations.tenancy import hot_function, open_to, protect

TABLES = """
CREATE TABLE registry (
    sender_id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    registry_id text NOT NULL,
    own_id text NOT NULL,
    url text NOT NULL,
    answer_uri text NOT NULL,
    code_types text[] NOT NULL CHECK (cardinality(code_types) > 0),
    number_type text,
    own_kid text NOT NULL,
    own_key bytea NOT NULL,
    heard_until timestamptz,
    pull_every interval CHECK (pull_every > interval '0'),
    UNIQUE (registry_id, own_id),
    FOREIGN KEY (municipality_id, sender_id) REFERENCES sender (municipality_id, id)
);
CREATE INDEX registry_town ON registry (municipality_id);
CREATE TABLE registry_message (
    municipality_id integer NOT NULL REFERENCES municipality,
    sender_id uuid NOT NULL REFERENCES registry,
    message_id text NOT NULL,
    action text NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    correlation_id uuid NOT NULL,
    ack text NOT NULL CHECK (ack IN ('ACK', 'NACK')),
    records integer NOT NULL,
    events integer NOT NULL,
    refused integer NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (municipality_id, sender_id, message_id),
    CHECK (refused <= events)
);
CREATE TABLE registry_request (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    sender_id uuid NOT NULL REFERENCES registry,
    action text NOT NULL CHECK (action IN ('search', 'subscribe', 'unsubscribe', 'txn-status')),
    about uuid REFERENCES registry_request,
    correlation_id text NOT NULL DEFAULT '',
    state text NOT NULL CHECK (state IN ('asked', 'pending', 'done', 'rejected', 'failed', 'ended')),
    reason text NOT NULL DEFAULT '',
    since timestamptz,
    until timestamptz,
    pages integer[] NOT NULL DEFAULT '{}',
    codes text[] NOT NULL DEFAULT '{}',
    asked_at timestamptz NOT NULL,
    answered_at timestamptz,
    CHECK ((action = 'search') = (since IS NOT NULL AND until IS NOT NULL)),
    CHECK ((action = 'txn-status') = (about IS NOT NULL))
);
CREATE INDEX registry_request_open ON registry_request (municipality_id, sender_id, action, asked_at);
CREATE INDEX registry_request_about ON registry_request (about) WHERE about IS NOT NULL;
"""

_PEERS = """
CREATE FUNCTION keys_of_registry(registry text, kid text)
    RETURNS TABLE (own_id text, sender_id uuid, municipality_id integer, source text, key_id uuid, wrapped bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
        SELECT peer.own_id, sender.id, sender.municipality_id, sender.source, key.id, key.wrapped
        FROM registry AS peer JOIN sender ON sender.id = peer.sender_id
        LEFT JOIN sender_key AS key ON key.sender_id = sender.id AND key.kid = $2 AND key.state = 'active'
        WHERE peer.registry_id = $1 AND sender.state = 'active'
    $$
"""
_PEERS_NAMED = "keys_of_registry(text, text)"


def create_registries() -> None:
    """Creates peers, their messages and what they are asked."""
    op.execute(TABLES)
    protect("registry", grants="SELECT, INSERT, UPDATE (url, answer_uri, heard_until, pull_every)")
    open_to("amis_worker", "registry", "SELECT (sender_id, municipality_id, pull_every)")
    protect("registry_message", grants="SELECT, INSERT, UPDATE (ack, records, events, refused)")
    answered = "state, reason, correlation_id, pages, codes, asked_at, answered_at"
    protect("registry_request", grants=f"SELECT, INSERT, UPDATE ({answered})")
    open_to("amis_worker", "registry_message", "SELECT (received_at), DELETE")
    open_to("amis_worker", "registry_request", "SELECT (id, about, action, asked_at), DELETE")
    open_to("amis_hot", "registry", "SELECT")
    hot_function(_PEERS, _PEERS_NAMED)


def drop_registries() -> None:
    """Takes them away."""
    op.execute(f"DROP FUNCTION {_PEERS_NAMED}")
    op.execute("DROP TABLE registry_request, registry_message, registry")
