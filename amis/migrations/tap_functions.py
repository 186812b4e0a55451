"""The functions of the hot path as migration 0007 creates them: two calls answer a whole batch of taps.

They are total: one bad item never fails the others. What must be exact under a race raises (unique_violation,
serialization_failure) and rolls the whole statement back, after which the caller reads again.
"""

WINDOW = """        LEFT JOIN LATERAL (
            SELECT CASE
                -- with carry-over a cycle: from the day after the last `carry` (mm-dd) that is over
                WHEN terms.carry IS NOT NULL THEN (
                    SELECT max(cut.day) + 1
                    FROM (SELECT ((extract(year FROM item.day) - back)::integer || '-' || terms.carry)::date AS day
                        FROM generate_series(0, 1) AS back) AS cut
                    WHERE cut.day < item.day)
                WHEN terms.per = 'day' THEN item.day WHEN terms.per = 'week' THEN item.week
                WHEN terms.per = 'month' THEN item.month WHEN terms.per = 'year' THEN item.year
                WHEN terms.per = 'period' THEN coalesce(
                    (SELECT lower(period) FROM unnest(entitlement.periods) AS period WHERE period @> item.day),
                    '0001-01-01')
            END AS since
        ) AS quota ON true
        LEFT JOIN LATERAL (
            SELECT quota_counter.used FROM quota_counter
            WHERE quota_counter.municipality_id = holder.municipality_id
                AND quota_counter.person_id = holder.person_id
                AND quota_counter.concession_id = terms.concession_id AND quota_counter.per = terms.kind
                AND quota_counter.window_start = quota.since
            LIMIT 1
        ) AS counter ON true"""
"""The quota window that a use of `terms` on the day of `item` counts in, and what `holder` has used of it."""

CLAIMS = """
CREATE FUNCTION tap_claims(batch json) RETURNS TABLE (
    i integer, terminal_id uuid, pairing integer, provider_id uuid, provider text,
    place_id uuid, place text, place_lat double precision, place_lon double precision, place_mode text, place_zone text,
    answered_sha bytea, answer text,
    token_id uuid, municipality_id integer, municipality text, person_id uuid, token_state text, token_reason text,
    valid_from date, valid_to date,
    last_use uuid, last_at timestamptz, last_place text, last_lat double precision, last_lon double precision,
    replayed boolean,
    concession_id uuid, revision integer, periods text, suspended text, waived boolean, modes text[], universal boolean,
    per text, window_start date, used integer, carried integer, amnesty boolean
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz := (batch ->> 'now')::timestamptz;
BEGIN
    RETURN QUERY
    SELECT item.i, terminal.machine_id, terminal.pairing, terminal.provider_id, terminal.code,
        place.id, place.code, place.lat, place.lon, place.mode, place.zone,
        done.body_sha256, done.answer,
        holder.id, holder.municipality_id, home.code, holder.person_id, holder.state, holder.reason,
        holder.valid_from, holder.valid_to,
        earlier.use_id, earlier.at, earlier.code, earlier.lat, earlier.lon,
        shown.replay_key IS NOT NULL,
        terms.concession_id, terms.revision, entitlement.periods::text,
        nullif(entitlement.suspended, '{}')::text, entitlement.waived @> item.day, nullif(entitlement.modes, '{}'),
        entitlement.universal, terms.per, quota.since, counter.used,
        CASE WHEN terms.per = 'period' THEN carried_units(
            holder.municipality_id, holder.person_id, terms.concession_id, entitlement.periods, item.day, terms.kind)
        ELSE 0 END,
        holder.state IN ('blocked', 'ended') AND EXISTS (
            SELECT FROM amnesty WHERE amnesty.municipality_id = holder.municipality_id
                AND amnesty.from_day <= item.day AND amnesty.until_day > item.day)
    FROM json_to_recordset(batch -> 'items') AS item (
            i integer, bearer text, seq bigint, place text, number text, list integer, index integer, cti text,
            replay text, uid text, day date, week date, month date, year date
        )
        LEFT JOIN LATERAL (
            SELECT terminal.machine_id, terminal.provider_id, terminal.place_id, known.pairing, provider.code
            FROM machine_token AS known
                JOIN machine ON machine.id = known.machine_id AND machine.pairing = known.pairing
                JOIN terminal ON terminal.machine_id = machine.id
                JOIN provider ON provider.id = terminal.provider_id
            WHERE known.hash = decode(item.bearer, 'hex') AND known.expires_at > moment
                AND machine.kind = 'terminal' AND machine.state = 'active'
            LIMIT 1
        ) AS terminal ON true
        LEFT JOIN LATERAL (
            SELECT * FROM tap_key
            WHERE tap_key.terminal_id = terminal.machine_id AND tap_key.pairing = terminal.pairing
                AND tap_key.seq = item.seq
            LIMIT 1
        ) AS done ON true
        LEFT JOIN LATERAL (
            SELECT stop.* FROM place AS stop WHERE item.place IS NULL AND stop.id = terminal.place_id
            UNION ALL
            SELECT stop.* FROM place AS stop
            WHERE stop.provider_id = terminal.provider_id AND stop.code = item.place
            LIMIT 1
        ) AS place ON true
        LEFT JOIN LATERAL (
            SELECT token.* FROM token WHERE token.number = item.number
            UNION ALL
            SELECT token.* FROM token
            WHERE token.status_list = item.list AND token.status_index = item.index AND (
                item.cti IS NULL OR EXISTS (
                    SELECT FROM credential
                    WHERE credential.cti = decode(item.cti, 'hex') AND credential.token_id = token.id
                )
            ) AND (item.uid IS NULL OR token.card_uid = decode(item.uid, 'hex'))
            UNION ALL
            SELECT token.* FROM token
            WHERE item.list IS NULL AND token.card_uid = decode(item.uid, 'hex') AND token.state <> 'ended'
            LIMIT 1
        ) AS holder ON terminal.machine_id IS NOT NULL AND done.seq IS NULL
        LEFT JOIN LATERAL (
            SELECT municipality.code FROM municipality WHERE municipality.id = holder.municipality_id LIMIT 1
        ) AS home ON true
        LEFT JOIN LATERAL (
            SELECT last_tap.use_id, last_tap.at, stop.code, stop.lat, stop.lon
            FROM last_tap JOIN place AS stop ON stop.id = last_tap.place_id
            WHERE last_tap.token_id = holder.id
            LIMIT 1
        ) AS earlier ON true
        LEFT JOIN LATERAL (
            SELECT seen.replay_key FROM seen WHERE seen.replay_key = decode(item.replay, 'hex') LIMIT 1
        ) AS shown ON true
        LEFT JOIN LATERAL (
            SELECT mine.concession_id, mine.periods, mine.suspended, mine.waived, mine.modes, false AS universal
            FROM entitlement AS mine
            WHERE mine.municipality_id = holder.municipality_id AND mine.person_id = holder.person_id
                AND mine.from_day <= item.day AND (mine.until_day IS NULL OR mine.until_day > item.day)
                AND EXISTS (
                    SELECT FROM acceptance
                    WHERE acceptance.provider_id = terminal.provider_id AND acceptance.grantor_id = mine.grantor_id
                        AND (acceptance.concession_id IS NULL OR acceptance.concession_id = mine.concession_id)
                )
            UNION ALL
            SELECT everybody.concession_id, datemultirange(daterange(everybody.valid_from, everybody.valid_to)),
                '{}', '{}', '{}', true
            FROM concession_terms AS everybody
            WHERE everybody.terms @> '{"universal": true}' AND done.seq IS NULL
                AND everybody.valid_from <= item.day AND (everybody.valid_to IS NULL OR everybody.valid_to > item.day)
                AND EXISTS (
                    SELECT FROM acceptance
                    WHERE acceptance.provider_id = terminal.provider_id
                        AND acceptance.grantor_id = everybody.municipality_id
                        AND (acceptance.concession_id IS NULL OR acceptance.concession_id = everybody.concession_id)
                )
            OFFSET 0
        ) AS entitlement ON true
        LEFT JOIN LATERAL (
            SELECT dated.concession_id, dated.revision, dated.quota ->> 'per' AS per,
                dated.quota ->> 'carry_until' AS carry,
                concat_ws('-', dated.quota ->> 'per', dated.quota ->> 'carry_until',
                    CASE WHEN dated.quota ? 'amount' THEN 'eur' END) AS kind
            FROM concession_terms AS dated
            WHERE dated.concession_id = entitlement.concession_id
                AND dated.valid_from <= item.day AND (dated.valid_to IS NULL OR dated.valid_to > item.day)
            LIMIT 1
        ) AS terms ON true
{WINDOW};
END $$
""".replace("{WINDOW}", WINDOW)
"""The claims of a batch: one row for each item and right, its holder's or everybody's; the replay look-up comes first
and stops the rest.

Each look-up is a lateral sub-select behind a LIMIT (or OFFSET 0): the planner cannot turn it into a scan of the whole
table, which looks cheap while the table is empty and is then kept in the plan for the life of the connection.
"""

CARRIED = """
CREATE FUNCTION carried_units(
    home integer, holder uuid, concession uuid, periods datemultirange, day date, kind text)
RETURNS integer LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    now_held daterange := (SELECT period FROM unnest(periods) AS period WHERE period @> carried_units.day);
    counted_since date := coalesce(lower(now_held), '0001-01-01');
BEGIN
    RETURN (
        SELECT coalesce(sum(use.quota_units), 0)::integer FROM use
        WHERE use.municipality_id = home AND use.person_id = holder AND use.concession_id = concession
            AND use.quota_per = kind AND use.quota_window <> counted_since AND use.day <@ now_held
    );
END $$
"""
"""Units used in the present period that were counted under another first day, before the period was corrected."""

TERMS = """
CREATE FUNCTION tap_terms(wanted json) RETURNS TABLE (
    concession_id uuid, revision integer, municipality_id integer, grantor text, code text, funder text,
    discount jsonb, quota jsonb, terms jsonb, funding jsonb, since date, public_code integer
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT dated.concession_id, dated.revision, concession.municipality_id, municipality.code, concession.code,
        concession.funder, dated.discount, dated.quota, dated.terms, dated.funding, (
            -- uses are carried over from the first revision that carries them over in the same way
            SELECT min(like_it.valid_from) FROM concession_terms AS like_it
            WHERE like_it.concession_id = dated.concession_id AND like_it.valid_from <= dated.valid_from
                AND like_it.quota ->> 'per' = dated.quota ->> 'per'
                AND like_it.quota ->> 'carry_until' = dated.quota ->> 'carry_until'
        ), concession.public_code
    FROM json_to_recordset(wanted) AS item (concession uuid, revision integer)
        JOIN concession_terms AS dated
            ON dated.concession_id = item.concession AND dated.revision = item.revision
        JOIN concession ON concession.id = dated.concession_id
        JOIN municipality ON municipality.id = concession.municipality_id
$$
"""
"""Revisions of terms that a lane meets for the first time; a revision never changes, so each is asked for once."""

WRITTEN = """    ), used AS (
        INSERT INTO use (id, at, recorded_at, day, municipality_id, person_id, token_id, concession_id, revision,
            grantor_id, funder, provider_id, place_id, terminal_id, pairing, seq, product, gross, payable, discount,
            companions, verdict, reason, quota_per, quota_window, quota_units, shares)
        SELECT use, at, moment, day, m, person, token, concession, revision, grantor, funder, provider, place,
            terminal, pairing, seq, product, gross, payable, gross - payable, companions, verdict, reason,
            per, "window", coalesce(units, 0), shares::jsonb
        FROM item WHERE use IS NOT NULL
    ), denied AS (
        INSERT INTO audit (id, at, municipality_id, actor_kind, actor_id, action, subject_kind, subject_id, reason,
            after, request_id)
        SELECT denial, moment, m, 'machine', terminal::text, 'tap.deny',
            CASE WHEN token IS NULL THEN 'terminal' ELSE 'token' END, coalesce(token, terminal)::text,
            reason, shown::jsonb, request
        FROM item WHERE denial IS NOT NULL
"""
"""The uses and the denials among the rows of `item`, as the ledger and the audit trail keep them at `moment`."""

COMMIT = """
CREATE FUNCTION tap_commit(batch json) RETURNS integer[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    moment timestamptz := (batch ->> 'now')::timestamptz;
    lost integer[];
    expected integer;
    remembered integer;
    torn boolean;
BEGIN
    WITH want AS MATERIALIZED (
        SELECT * FROM json_to_recordset(batch -> 'takes') AS take (
            g integer, m integer, person uuid, concession uuid, "window" date, per text, n integer, lim integer)
    ), took AS (
        INSERT INTO quota_counter AS counter
            (municipality_id, person_id, concession_id, window_start, per, used, lim)
        SELECT m, person, concession, "window", per, n, lim FROM want WHERE n <= lim
        ORDER BY m, person, concession, "window", per
        ON CONFLICT (municipality_id, person_id, concession_id, window_start, per) DO UPDATE
            SET used = counter.used + excluded.used, lim = excluded.lim
            WHERE counter.used + excluded.used <= excluded.lim
        RETURNING municipality_id, person_id, concession_id, window_start, per
    ), missed AS MATERIALIZED (
        SELECT want.g FROM want
        WHERE (want.m, want.person, want.concession, want."window", want.per) NOT IN (SELECT * FROM took)
    ), item AS MATERIALIZED (
        SELECT tap.* FROM json_to_recordset(batch -> 'taps') AS tap (
            g integer, terminal uuid, pairing integer, seq bigint, sha text, answer text, at timestamptz,
            use uuid, day date, m integer, person uuid, token uuid, concession uuid, revision integer,
            grantor integer, funder text, provider uuid, place uuid, product text,
            gross numeric, payable numeric, companions smallint, verdict text, reason text,
            per text, "window" date, units integer, shares json,
            previous uuid, replay text, denial uuid, request text, shown json)
        WHERE tap.g IS NULL OR tap.g NOT IN (SELECT missed.g FROM missed)
    ), keyed AS (
        INSERT INTO tap_key (terminal_id, pairing, seq, body_sha256, answer, at, recorded_at, use_id)
        SELECT terminal, pairing, seq, decode(sha, 'hex'), answer, at, moment, use FROM item
{WRITTEN}    ), shown_once AS (
        INSERT INTO seen (replay_key, at) SELECT decode(replay, 'hex'), moment FROM item
        WHERE use IS NOT NULL AND replay IS NOT NULL
    ), latest AS MATERIALIZED (
        SELECT DISTINCT ON (token) * FROM item WHERE use IS NOT NULL AND token IS NOT NULL
        ORDER BY token, at DESC, use DESC
    ), kept AS (
        INSERT INTO last_tap AS earlier (token_id, municipality_id, use_id, previous, at, place_id, terminal_id)
        SELECT token, m, use, previous, at, place, terminal FROM latest ORDER BY token
        ON CONFLICT (token_id) DO UPDATE
            SET (use_id, previous) = (excluded.use_id, excluded.previous),
                -- a terminal whose clock is behind must not hide a tap of a moment ago
                (at, place_id, terminal_id) = (SELECT latest.at, latest.place_id, latest.terminal_id FROM (
                    VALUES (excluded.at, excluded.place_id, excluded.terminal_id),
                        (earlier.at, earlier.place_id, earlier.terminal_id)
                ) AS latest (at, place_id, terminal_id) ORDER BY latest.at DESC LIMIT 1)
            WHERE earlier.use_id = excluded.previous
        RETURNING earlier.token_id
    )
    SELECT (SELECT array_agg(g) FROM missed), (SELECT count(*) FROM latest), (SELECT count(*) FROM kept),
        EXISTS (
            SELECT FROM want
            WHERE want.g IN (SELECT missed.g FROM missed)
                AND (want.m, want.person, want.concession, want."window", want.per) IN (SELECT * FROM took))
    INTO lost, expected, remembered, torn;
    IF torn OR expected <> remembered THEN
        RAISE EXCEPTION 'another tap of the same holder came first' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN coalesce(lost, '{}');
END $$
""".replace("{WRITTEN}", WRITTEN)
"""Takes quotas in key order, then writes answers, uses, denials and what to remember; returns the groups that lost
their quota, of which nothing was written."""

REVERSE = """
CREATE FUNCTION tap_reverse(asked json) RETURNS json
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    moment timestamptz := (asked ->> 'now')::timestamptz;
    here record;
    done tap_key;
    original tap_key;
BEGIN
    SELECT terminal.machine_id AS id, bearer.pairing INTO here
    FROM machine_token AS bearer
        JOIN machine ON machine.id = bearer.machine_id AND machine.pairing = bearer.pairing
            AND machine.kind = 'terminal' AND machine.state = 'active'
        JOIN terminal ON terminal.machine_id = machine.id
    WHERE bearer.hash = decode(asked ->> 'bearer', 'hex') AND bearer.expires_at > moment;
    IF here.id IS NULL THEN
        RETURN json_build_object('outcome', 'unauthenticated');
    END IF;
    SELECT * INTO original FROM tap_key WHERE terminal_id = here.id AND pairing = here.pairing
        AND seq = (asked ->> 'use_seq')::bigint FOR UPDATE;
    SELECT * INTO done FROM tap_key WHERE terminal_id = here.id AND pairing = here.pairing
        AND seq = (asked ->> 'seq')::bigint;
    IF done.seq IS NOT NULL THEN
        RETURN json_build_object('outcome', CASE WHEN done.body_sha256 = decode(asked ->> 'sha', 'hex')
            THEN 'done' ELSE 'other_body' END, 'answer', done.answer);
    ELSIF original.use_id IS NULL THEN
        RETURN json_build_object('outcome', 'no_use');
    ELSIF original.reversed_by IS NOT NULL THEN
        RETURN json_build_object('outcome', 'already');
    ELSIF original.recorded_at < moment - (asked ->> 'within')::interval THEN
        RETURN json_build_object('outcome', 'late');
    END IF;
    PERFORM take_back(here.id, here.pairing, original.seq, (asked ->> 'seq')::bigint, (asked ->> 'id')::uuid, moment);
    INSERT INTO tap_key (terminal_id, pairing, seq, body_sha256, answer, at, recorded_at)
    VALUES (here.id, here.pairing, (asked ->> 'seq')::bigint, decode(asked ->> 'sha', 'hex'), asked ->> 'answer',
        moment, moment);
    RETURN json_build_object('outcome', 'done', 'answer', asked ->> 'answer');
END $$
"""
"""Takes one use back: a row of opposite amounts, its quota units returned, at most once."""

LAST_SEEN = """
CREATE FUNCTION terminals_last_seen(wanted uuid) RETURNS TABLE (terminal_id uuid, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT terminal.machine_id, latest.recorded_at FROM terminal, LATERAL (
        SELECT tap_key.recorded_at FROM tap_key WHERE tap_key.terminal_id = terminal.machine_id
        ORDER BY tap_key.pairing DESC, tap_key.seq DESC LIMIT 1
    ) AS latest
    WHERE wanted IS NULL OR terminal.machine_id = wanted
$$
"""
"""When a terminal, or each of them, was last answered."""

PARTITIONS = """
CREATE FUNCTION make_use_partitions(first date, ahead integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    month date := date_trunc('month', first)::date;
    name text;
    made integer := 0;
BEGIN
    FOR step IN 0 .. ahead LOOP
        name := 'use_' || to_char(month, 'YYYY_MM');
        IF to_regclass('public.' || name) IS NULL THEN
            EXECUTE format('CREATE TABLE public.%I PARTITION OF public.use FOR VALUES FROM (%L) TO (%L)', name,
                month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
            EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
            EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
            made := made + 1;
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $$
"""
"""The partitions of the month of `first` and of `ahead` months after it; months are UTC. Returns how many were new."""
