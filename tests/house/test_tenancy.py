"""Tenants are kept apart by the database itself; the catalog is asked, not the source."""

import re
from typing import LiteralString

import pytest
from psycopg import AsyncConnection

SHARED = {
    "municipality": "the tenants themselves",
    "alembic_version": "the revision of the schema",
    "audit_leaf": "hashes only",
    "audit_checkpoint": "hashes only",
    "use_month_mark": "how far uses are summed up",
    "feed_mark": "how far the feed is numbered",
    "job_run": "what the worker did when",
    "provider": "carriers and venues serve several municipalities",
    "place": "of providers",
    "terminal": "of providers",
    "acceptance": "between providers and grantors",
    "status_list": "numbers of lists",
    "tap_key": "answers to terminals, which belong to providers; only the hot path's functions reach it",
    "journal_head": "digests of terminals' journals, which belong to providers",
    "seen": "digests of shown credentials; only the hot path's functions reach it",
    "policy_change": "that something changed, not what",
    "bundle_version": "of providers: digests, states by number and card digests",
    "bundle_part": "of providers: what their terminals carry",
    "terminal_presence": "of providers: what their terminals hold",
    "freshness": "how long canaries took",
    "sign_in_attempt": "counts by digest of the address typed, before anybody is known",
}
"""Tables that belong to no municipality, and why."""

_TABLES: LiteralString = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'municipality_id' AND NOT a.attisdropped
)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
"""


async def rows(connection: AsyncConnection, statement: LiteralString) -> list[tuple[object, ...]]:
    return await (await connection.execute(statement)).fetchall()


async def test_every_tenant_table_is_under_forced_row_level_security(owner_connection: AsyncConnection) -> None:
    found = await rows(owner_connection, _TABLES)
    assert found
    assert [name for name, forced, tenant in found if tenant and not forced] == []


async def test_every_table_without_a_tenant_is_known_and_has_a_reason(owner_connection: AsyncConnection) -> None:
    found = await rows(owner_connection, _TABLES)
    unprotected = {str(name) for name, forced, _ in found if not forced}
    assert unprotected - SHARED.keys() == set()


async def test_no_role_of_the_service_can_bypass_row_level_security(owner_connection: AsyncConnection) -> None:
    found = await rows(
        owner_connection,
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'amis%' AND (rolbypassrls OR rolsuper OR rolcreaterole)",
    )
    assert found == []


async def test_functions_that_look_across_tenants_are_not_for_everybody(owner_connection: AsyncConnection) -> None:
    found = await rows(
        owner_connection,
        "SELECT p.proname, p.proconfig::text, has_function_privilege('public', p.oid, 'EXECUTE') FROM pg_proc p"
        " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND p.prosecdef",
    )
    assert len(found) >= 5
    for name, config, everybody in found:
        assert not everybody, name
        assert re.search("search_path", str(config)), name


@pytest.mark.parametrize("statement", ["UPDATE {}", "DELETE FROM {}"])
async def test_ledgers_take_inserts_only(owner_connection: AsyncConnection, statement: str) -> None:
    right = statement.split()[0]
    for table in ("audit", "use", "entitlement_log", "notice_arrival", "token_log", "feed"):
        cursor = await owner_connection.execute("SELECT has_table_privilege('amis_app', %s, %s)", (table, right))
        assert await cursor.fetchone() == (False,), (table, right)


async def test_no_function_that_looks_across_tenants_can_be_given_a_table_of_the_callers(
    owner_connection: AsyncConnection,
) -> None:
    # a search path that does not name pg_temp begins with it, so that a temporary table would stand in for ours
    found = await rows(
        owner_connection,
        "SELECT p.proname, array_to_string(p.proconfig, ';') FROM pg_proc p"
        " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND p.prosecdef",
    )
    assert len(found) >= 5
    assert [name for name, path in found if not re.search(r"search_path=[^;]*, pg_temp(;|$)", str(path))] == []


NEVER_TAKEN_AWAY = (
    "account",
    "staff_session",
    "machine",
    "machine_pairing",
    "person",
    "person_merge",
    "fact",
    "concession",
    "concession_terms",
    "grant_rule",
    "token",
    "credential",
    "photo",
    "token_application",
    "stock_movement",
    "card_operation",
    "notice",
    "sender",
    "sender_key",
    "quarantine",
)
NEVER_REWRITTEN = {
    "account": ("municipality_id", "email", "totp_sealed"),
    "staff_session": ("municipality_id", "account_id", "secret_hash", "expires_at", "stage"),
    "machine": ("municipality_id", "kind"),
    "machine_pairing": ("code_hash", "expires_at", "jwk"),
    "machine_token": ("hash", "machine_id", "expires_at"),
    "provider": ("id", "code"),
    "place": ("provider_id", "code"),
    "terminal": ("machine_id", "provider_id"),
    "sender_key": ("sender_id", "wrapped"),
    "quarantine": ("sealed", "message_id"),
    "registry": ("registry_id", "own_id", "own_key"),
    "registry_message": ("message_id", "digest", "correlation_id"),
    "registry_request": ("action", "about", "since", "until"),
    "credential": ("cti", "sealed"),
    "photo": ("person_id", "sealed", "sha256"),
    "person_merge": ("kept_id", "merged_id", "record_id"),
    "fact": ("kind", "value", "valid_from", "source", "record_id", "version"),
    "token_application": ("product", "reason", "replaces", "submitted_by"),
    "stock_movement": ("pieces", "kind", "moved_by"),
    "card_operation": ("token_id", "kind", "asked_by"),
    "holder_news": ("person_id", "cause_key", "gained", "lost", "happened_at"),
    "holder_message": ("person_id", "kinds", "created_at"),
}


async def test_the_service_cannot_delete_what_it_only_ever_closes(owner_connection: AsyncConnection) -> None:
    statement: LiteralString = (
        "SELECT t FROM unnest(%s::text[]) AS t WHERE has_table_privilege('amis_app', t, 'DELETE')"
    )
    cursor = await owner_connection.execute(statement, (list(NEVER_TAKEN_AWAY),))
    assert await cursor.fetchall() == []


@pytest.mark.parametrize(("table", "columns"), NEVER_REWRITTEN.items())
async def test_the_service_cannot_rewrite_what_stands_once_and_for_all(
    owner_connection: AsyncConnection, table: str, columns: tuple[str, ...]
) -> None:
    statement: LiteralString = (
        "SELECT c FROM unnest(%s::text[]) AS c WHERE has_column_privilege('amis_app', %s, c, 'UPDATE')"
    )
    cursor = await owner_connection.execute(statement, (list(columns), table))
    assert await cursor.fetchall() == []
