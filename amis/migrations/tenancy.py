"""Row-level security for tenant tables, written once for all migrations."""

from alembic import op

_OWN_ROWS = "municipality_id = current_municipality()"


def protect(table: str, *, grants: str = "SELECT, INSERT, UPDATE, DELETE", reads_state: bool = False) -> None:
    """Puts `table` under FORCE row-level security: amis_app sees the rows of its own municipality only.

    `reads_state`: rows of the state (municipality 1) may be read, never written, by every municipality.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_rows ON {table} TO amis_app USING ({_OWN_ROWS}) WITH CHECK ({_OWN_ROWS})")
    op.execute(f"CREATE POLICY owner_rows ON {table} TO amis_owner USING (true) WITH CHECK (true)")
    if reads_state:
        op.execute(f"CREATE POLICY state_rows ON {table} FOR SELECT TO amis_app USING (municipality_id = 1)")
    op.execute(f"GRANT {grants} ON {table} TO amis_app")


def share(table: str, *, grants: str = "SELECT") -> None:
    """Opens a table without a tenant (providers, municipalities) to amis_app."""
    op.execute(f"GRANT {grants} ON {table} TO amis_app")


def open_to(role: str, table: str, grants: str) -> None:
    """Gives a role that works across municipalities (amis_hot, amis_worker, amis_auditor) exactly these rights."""
    op.execute(f"CREATE POLICY {role}_rows ON {table} TO {role} USING (true) WITH CHECK (true)")
    op.execute(f"GRANT {grants} ON {table} TO {role}")


def hot_function(statement: str, signature: str, grantee: str = "amis_app") -> None:
    """Creates a SECURITY DEFINER function owned by amis_hot, which only `grantee` may call.

    `statement` is the whole CREATE FUNCTION text (with SECURITY DEFINER and a fixed search_path);
    `signature` is `name(argument types)`.
    """
    op.execute(statement)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {grantee}")
    # Last: once it belongs to amis_hot, the owner of the database can no longer change who may call it.
    op.execute(f"ALTER FUNCTION {signature} OWNER TO amis_hot")
