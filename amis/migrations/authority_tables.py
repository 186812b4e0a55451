"""Whose word counts and who is who: ranks of sources, what notices state of a person, and merges of two persons."""

from alembic import op

from amis.migrations.tenancy import protect

TABLES = """
CREATE TABLE source_rank (
    municipality_id integer NOT NULL REFERENCES municipality,
    kind text NOT NULL CHECK (kind <> ''),
    source text NOT NULL CHECK (source <> ''),
    rank integer NOT NULL CHECK (rank BETWEEN 0 AND 999),
    PRIMARY KEY (municipality_id, kind, source),
    UNIQUE (municipality_id, kind, rank)
);
ALTER TABLE fact ADD COLUMN shadowed boolean NOT NULL DEFAULT false;
ALTER TABLE person
    ADD COLUMN merged_into uuid CHECK (merged_into <> id),
    ADD FOREIGN KEY (municipality_id, merged_into) REFERENCES person (municipality_id, id);
CREATE INDEX person_merged ON person (municipality_id, merged_into) WHERE merged_into IS NOT NULL;
ALTER TABLE person_code ADD COLUMN home_id uuid, ADD COLUMN enrolled boolean NOT NULL DEFAULT true;
CREATE INDEX person_code_home ON person_code (municipality_id, home_id) WHERE home_id IS NOT NULL;
CREATE TABLE person_statement (
    municipality_id integer NOT NULL REFERENCES municipality,
    source text NOT NULL CHECK (source <> ''),
    record_id text NOT NULL CHECK (record_id <> ''),
    kind text NOT NULL CHECK (kind IN ('death', 'code', 'residence', 'household', 'merge', 'unmerge')),
    person_id uuid NOT NULL,
    code_index bytea CHECK (octet_length(code_index) = 16),
    other_index bytea CHECK (octet_length(other_index) = 16),
    day date,
    value text,
    provenance jsonb,
    PRIMARY KEY (municipality_id, source, record_id),
    FOREIGN KEY (municipality_id, person_id) REFERENCES person (municipality_id, id),
    CHECK ((kind IN ('code', 'merge', 'unmerge')) = (other_index IS NOT NULL))
);
CREATE INDEX person_statement_person ON person_statement (municipality_id, person_id, kind);
CREATE INDEX person_statement_pair ON person_statement (municipality_id, other_index) WHERE other_index IS NOT NULL;
CREATE TABLE person_merge (
    id uuid PRIMARY KEY,
    municipality_id integer NOT NULL REFERENCES municipality,
    kept_id uuid NOT NULL,
    merged_id uuid NOT NULL CHECK (merged_id <> kept_id),
    kept_home uuid NOT NULL,
    merged_home uuid NOT NULL,
    source text NOT NULL,
    record_id text NOT NULL,
    at timestamptz NOT NULL,
    undone_at timestamptz,
    moved jsonb NOT NULL,
    from_id uuid NOT NULL,
    to_id uuid NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    FOREIGN KEY (municipality_id, kept_id) REFERENCES person (municipality_id, id),
    FOREIGN KEY (municipality_id, merged_id) REFERENCES person (municipality_id, id)
);
CREATE UNIQUE INDEX person_merge_open ON person_merge (municipality_id, merged_id) WHERE undone_at IS NULL;
CREATE INDEX person_merge_kept ON person_merge (municipality_id, kept_id);
"""
# Whatever the service does: what is somebody's becomes another's only in a transaction that merges them or parts them.
_GUARD = """
CREATE FUNCTION merged_here(town integer, before uuid, after uuid) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (
        SELECT FROM person_merge
        WHERE municipality_id = town AND from_id = before AND to_id = after AND xid = pg_current_xact_id()
    )
$$;
CREATE FUNCTION stays_with_its_person() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.person_id <> OLD.person_id AND NOT merged_here(NEW.municipality_id, OLD.person_id, NEW.person_id) THEN
        RAISE EXCEPTION 'it stays with its person' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
_OF_THE_REGISTER = ("fact", "membership", "household_member")


def create_authority() -> None:
    """Creates the tables, and lets what a person has follow a merge."""
    op.execute(TABLES)
    op.execute(_GUARD)
    for table in _OF_THE_REGISTER:
        op.execute(follows_a_merge(table))
    protect("source_rank", grants="SELECT, INSERT, DELETE")
    protect("person_statement")
    protect("person_merge", grants="SELECT, INSERT, UPDATE (undone_at, moved, from_id, to_id, xid)")
    for table, columns in _MOVING.items():
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO amis_app")


_MOVING = {
    "fact": "person_id, shadowed",
    "person_code": "person_id, home_id, enrolled, sealed",
    "membership": "person_id",
    "household_member": "person_id",
    "relation": "person_id, other_id",
}
"""What the service may rewrite where two persons turn out to be one, or one to be two."""


def follows_a_merge(table: str) -> str:
    """The trigger that keeps the rows of `table` with their person."""
    return (
        f"CREATE TRIGGER {table}_follows BEFORE UPDATE OF person_id ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION stays_with_its_person()"
    )


def drop_authority() -> None:
    """Takes them away; the columns go with their tables."""
    op.execute("DROP TABLE person_merge, person_statement, source_rank")
    for table in _OF_THE_REGISTER:
        op.execute(f"DROP TRIGGER {table}_follows ON {table}")
    op.execute("DROP FUNCTION stays_with_its_person(), merged_here(integer, uuid, uuid)")
