"""The function that says which terminals hold a change, as migration 0007 creates it.

A card is taken by terminals whose machines belong to other municipalities, so one's own rows would not answer.
"""

REACH = """
CREATE FUNCTION bundle_reach(wanted bigint) RETURNS TABLE (
    provider text, id uuid, label text, place text, state text, seen_at timestamptz, held bigint, holds boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH needed AS MATERIALIZED (
        SELECT provider.id, provider.name, coalesce(
            (SELECT max(seq) FROM bundle_version WHERE provider_id = provider.id AND seq <= wanted),
            (SELECT min(seq) FROM bundle_version WHERE provider_id = provider.id)) AS seq
        FROM provider
    )
    SELECT needed.name, machine.id,
        CASE WHEN machine.municipality_id IS NULL OR machine.municipality_id = current_municipality()
            THEN machine.label ELSE '' END,
        place.name, machine.state, told.seen_at, told.held,
        -- a number counts only with the digest of that state; of versions that are long past it is no longer known
        coalesce(told.held >= needed.seq AND (version.hash IS NULL OR version.hash = told.held_hash), false)
    FROM terminal
        JOIN machine ON machine.id = terminal.machine_id AND machine.state IN ('active', 'suspended')
        JOIN needed ON needed.id = terminal.provider_id
        JOIN place ON place.id = terminal.place_id
        LEFT JOIN terminal_presence AS told ON told.terminal_id = terminal.machine_id
        LEFT JOIN bundle_version AS version ON version.provider_id = terminal.provider_id AND version.seq = told.held
    ORDER BY needed.name, needed.id, machine.label, machine.id
$$
"""
"""Every terminal that may work, whoever its machine belongs to, and whether it holds what was published as `wanted`.

Those of other municipalities have no label: what they call their machines is not told.
"""
