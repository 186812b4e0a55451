"""The functions that take single uses back, and that find the numbers of taps that never came, for migration 0007."""

TAKEN_BACK = """
CREATE FUNCTION use_taken_back(here uuid, session integer, number bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM tap_key WHERE terminal_id = here AND pairing = session AND seq = number AND reversed_by IS NOT NULL)
$$
"""
"""Whether a use was taken back."""

TAKE_BACK = """
CREATE FUNCTION take_back(here uuid, session integer, number bigint, marker bigint, reversal uuid, moment timestamptz)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    original tap_key;
    back use;
BEGIN
    SELECT * INTO original FROM tap_key WHERE terminal_id = here AND pairing = session AND seq = number FOR UPDATE;
    IF original.use_id IS NULL OR original.reversed_by IS NOT NULL THEN
        RETURN false;
    END IF;
    UPDATE tap_key SET reversed_by = marker WHERE terminal_id = here AND pairing = session AND seq = number;
    SELECT * INTO back FROM use WHERE id = original.use_id AND at = original.at;
    INSERT INTO use (id, at, recorded_at, day, municipality_id, person_id, token_id, concession_id, revision,
        grantor_id, funder, provider_id, place_id, terminal_id, pairing, seq, product, gross, payable, discount,
        companions, verdict, reason, quota_per, quota_window, quota_units, shares, reverses)
    VALUES (reversal, back.at, moment, back.day, back.municipality_id, back.person_id, back.token_id,
        back.concession_id, back.revision, back.grantor_id, back.funder, back.provider_id, back.place_id,
        here, session, marker, back.product, -back.gross, -back.payable, -back.discount,
        -back.companions, 'REVERSED', back.reason, back.quota_per, back.quota_window, -back.quota_units,
        (SELECT jsonb_agg(jsonb_build_array(part -> 0, (-(part ->> 1)::numeric)::text) ORDER BY place)
            FROM jsonb_array_elements(back.shares) WITH ORDINALITY AS share (part, place)),
        back.id);
    UPDATE quota_counter SET used = used - back.quota_units
        WHERE municipality_id = back.municipality_id AND person_id = back.person_id
            AND concession_id = back.concession_id AND window_start = back.quota_window AND per = back.quota_per;
    -- what was taken back did not happen: the corrected tap right after it is no pass-back
    DELETE FROM last_tap WHERE token_id = back.token_id AND use_id = back.id;
    RETURN true;
END $$
"""
"""Takes one use back: a row of opposite amounts, its quota units returned, at most once. `marker` is the number of the
request that asked for it, or the use's own where nobody's request did."""

SETTLE = """
CREATE FUNCTION conflict_take_back(wanted uuid, reversal uuid, moment timestamptz) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT take_back(terminal_id, pairing, seq, seq, reversal, moment) FROM conflict
    WHERE id = wanted AND use_id IS NOT NULL
        AND (municipality_id IS NULL OR municipality_id = current_municipality())
$$
"""
"""Takes back the use of one's own municipality's conflict; false where it was taken back, null where it has none."""

LEFT_OUT = """
CREATE FUNCTION terminal_gaps(wanted uuid, most integer) RETURNS TABLE (
    terminal_id uuid, pairing integer, first bigint, last bigint, known bigint, missing int8multirange
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT numbered.terminal_id, numbered.pairing, min(numbered.seq), max(numbered.seq), count(*),
        range_agg(int8range(numbered.seq + 1, numbered.next)) FILTER (WHERE numbered.next > numbered.seq + 1)
    FROM (
        SELECT tap_key.terminal_id, tap_key.pairing, tap_key.seq,
            lead(tap_key.seq) OVER (PARTITION BY tap_key.terminal_id, tap_key.pairing ORDER BY tap_key.seq) AS next
        FROM terminal CROSS JOIN LATERAL (
            SELECT * FROM tap_key WHERE tap_key.terminal_id = terminal.machine_id
            ORDER BY tap_key.pairing DESC, tap_key.seq DESC LIMIT most
        ) AS tap_key
        WHERE wanted IS NULL OR terminal.machine_id = wanted
    ) AS numbered
    GROUP BY numbered.terminal_id, numbered.pairing
$$
"""
"""The numbers that are missing among the newest of each terminal, pairing by pairing."""

TAKE_BACK_FUNCTIONS: tuple[tuple[str, str, str], ...] = (
    (TAKEN_BACK, "use_taken_back(uuid, integer, bigint)", "amis_hot"),
    (TAKE_BACK, "take_back(uuid, integer, bigint, bigint, uuid, timestamptz)", "amis_hot"),
    (SETTLE, "conflict_take_back(uuid, uuid, timestamptz)", "amis_app"),
    (LEFT_OUT, "terminal_gaps(uuid, integer)", "amis_app"),
)
"""Statement, signature, who may call it."""
