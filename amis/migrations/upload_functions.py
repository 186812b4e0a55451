"""The two functions behind uploads as migration 0007 creates them: each takes a whole batch of lines.

They are total, as those of taps are: one bad line never fails the others, and a lost race rolls all back.
"""

from amis.migrations.reserve_functions import RESERVE_FUNCTIONS
from amis.migrations.take_back_functions import TAKE_BACK_FUNCTIONS
from amis.migrations.tap_functions import WINDOW, WRITTEN

CLAIMS = """
CREATE FUNCTION upload_claims(batch json) RETURNS TABLE (
    i integer, terminal_id uuid, pairing integer, provider_id uuid, provider text,
    place_id uuid, place text, place_lat double precision, place_lon double precision, place_mode text, place_zone text,
    answered_sha bytea, answer text,
    token_id uuid, municipality_id integer, municipality text, person_id uuid, token_state text, token_reason text,
    valid_from date, valid_to date,
    last_use uuid, last_at timestamptz, last_place text, last_lat double precision, last_lon double precision,
    replayed boolean,
    concession_id uuid, revision integer, periods text, suspended text, waived boolean, modes text[], universal boolean,
    per text, window_start date, used integer, carried integer, amnesty boolean,
    uploaded boolean, taken_back boolean, answered_use uuid, answered_concession uuid, answered_person uuid,
    answered_per text, answered_window date, answered_units integer,
    conflicts text[],
    near_at timestamptz[], near_place text[], near_lat double precision[], near_lon double precision[],
    set_aside integer, set_aside_window date, set_aside_in uuid, head bytea
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    asked record;
    here record;
BEGIN
    -- read once: each operator on a long JSON text reads all of it
    SELECT * INTO asked FROM json_to_record(batch) AS question (
        now timestamptz, bearer text, terminal uuid, pairing integer, items json);
    SELECT machine.id, known.pairing, terminal.provider_id, terminal.place_id, provider.code,
        (SELECT journal_head.hash FROM journal_head
            WHERE journal_head.terminal_id = machine.id AND journal_head.pairing = known.pairing) AS head
    INTO here
    FROM (
        SELECT bearer.machine_id, bearer.pairing FROM machine_token AS bearer
            JOIN machine AS caller ON caller.id = bearer.machine_id AND caller.pairing = bearer.pairing
        WHERE bearer.hash = decode(asked.bearer, 'hex') AND bearer.expires_at > asked.now
            AND caller.state = 'active'
        UNION ALL
        SELECT asked.terminal, asked.pairing WHERE asked.terminal IS NOT NULL
    ) AS known
        JOIN machine ON machine.id = known.machine_id AND machine.kind = 'terminal'
            AND known.pairing BETWEEN 1 AND machine.pairing
        JOIN terminal ON terminal.machine_id = machine.id
        JOIN provider ON provider.id = terminal.provider_id;
    IF here.id IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT item.i, own.id, own.pairing, own.provider_id, here.code,
        place.id, place.code, place.lat, place.lon, place.mode, place.zone,
        done.body_sha256, done.answer,
        holder.id, holder.municipality_id, home.code, holder.person_id, coalesce(then_.state, holder.state),
        holder.reason, holder.valid_from, holder.valid_to,
        NULL::uuid, NULL::timestamptz, NULL::text, NULL::double precision, NULL::double precision,
        shown.replay_key IS NOT NULL,
        terms.concession_id, terms.revision, entitlement.periods::text,
        nullif(entitlement.suspended, '{}')::text, entitlement.waived @> item.day, nullif(entitlement.modes, '{}'),
        entitlement.universal, terms.per, quota.since, counter.used,
        CASE WHEN terms.per = 'period' THEN carried_units(
            holder.municipality_id, holder.person_id, terms.concession_id, entitlement.periods, item.day, terms.kind)
        ELSE 0 END,
        coalesce(then_.state, holder.state) IN ('blocked', 'ended') AND EXISTS (
            SELECT FROM amnesty WHERE amnesty.municipality_id = holder.municipality_id
                AND amnesty.from_day <= item.day AND amnesty.until_day > item.day),
        done.uploaded_at IS NOT NULL, done.reversed_by IS NOT NULL, done.use_id,
        given.concession_id, given.person_id, given.quota_per, given.quota_window, given.quota_units,
        CASE WHEN done.uploaded_at IS NOT NULL THEN (
            SELECT array_agg(conflict.kind ORDER BY conflict.kind) FROM conflict
            WHERE conflict.terminal_id = here.id AND conflict.pairing = here.pairing AND conflict.seq = item.seq) END,
        near.at, near.place, near.lat, near.lon,
        aside.units, aside.since, aside.id, own.head
    FROM json_to_recordset(asked.items) AS item (
            i integer, seq bigint, at timestamptz, day date, week date, month date, year date, place text,
            number text, list integer, index integer, cti text, replay text, uid text,
            code uuid, near integer, reserve uuid, chip boolean
        )
        -- the terminal itself is asked about under a place before the first
        LEFT JOIN (SELECT here.id, here.pairing, here.provider_id, here.head) AS own ON item.i < 0
        LEFT JOIN LATERAL (
            SELECT * FROM tap_key
            WHERE tap_key.terminal_id = here.id AND tap_key.pairing = here.pairing AND tap_key.seq = item.seq
            LIMIT 1
        ) AS done ON true
        LEFT JOIN LATERAL (
            SELECT use.concession_id, use.person_id, use.quota_per, use.quota_window, use.quota_units FROM use
            WHERE use.id = done.use_id AND use.at = done.at AND done.uploaded_at IS NULL LIMIT 1
        ) AS given ON true
        LEFT JOIN LATERAL (
            SELECT stop.* FROM place AS stop
            WHERE stop.provider_id = here.provider_id AND stop.code = item.place
            UNION ALL
            SELECT stop.* FROM place AS stop WHERE stop.id = here.place_id
            LIMIT 1
        ) AS place ON true
        LEFT JOIN LATERAL (
            -- each part asks itself whether it is needed: a condition of the join would be looked at afterwards
            SELECT token.* FROM token WHERE done.uploaded_at IS NULL AND token.number = item.number
            UNION ALL
            SELECT token.* FROM token
            WHERE done.uploaded_at IS NULL
                AND token.status_list = item.list AND token.status_index = item.index AND (
                item.cti IS NULL OR EXISTS (
                    SELECT FROM credential
                    WHERE credential.cti = decode(item.cti, 'hex') AND credential.token_id = token.id
                )
            ) AND (item.uid IS NULL OR token.card_uid = decode(item.uid, 'hex'))
            UNION ALL
            SELECT * FROM (
                -- a chip that was written anew belongs to its live token
                SELECT token.* FROM token
                WHERE done.uploaded_at IS NULL AND item.list IS NULL AND token.card_uid = decode(item.uid, 'hex')
                ORDER BY token.state = 'ended', token.requested_at DESC
                LIMIT 1
            ) AS chip
            LIMIT 1
        ) AS holder ON true
        LEFT JOIN LATERAL (
            SELECT municipality.code FROM municipality WHERE municipality.id = holder.municipality_id LIMIT 1
        ) AS home ON true
        LEFT JOIN LATERAL (
            -- its state at that moment: what it was before the first step since
            SELECT step.before ->> 'state' AS state FROM audit AS step
            WHERE step.municipality_id = holder.municipality_id AND step.subject_kind = 'token'
                AND step.subject_id = holder.id::text AND step.at > item.at
                AND starts_with(step.action, 'token.') AND step.before ? 'state'
            ORDER BY step.at
            LIMIT 1
        ) AS then_ ON true
        LEFT JOIN LATERAL (
            SELECT seen.replay_key FROM seen WHERE seen.replay_key = decode(item.replay, 'hex')
                AND done.seq IS NULL LIMIT 1
        ) AS shown ON true
        LEFT JOIN LATERAL (
            SELECT mine.concession_id, mine.grantor_id, mine.periods, mine.suspended, mine.waived, mine.modes,
                false AS universal
            FROM entitlement AS mine
            WHERE mine.municipality_id = holder.municipality_id AND mine.person_id = holder.person_id
                AND mine.concession_id = item.code AND done.uploaded_at IS NULL
                AND mine.from_day <= item.day AND (mine.until_day IS NULL OR mine.until_day > item.day)
                AND EXISTS (
                    SELECT FROM acceptance
                    WHERE acceptance.provider_id = here.provider_id AND acceptance.grantor_id = mine.grantor_id
                        AND (acceptance.concession_id IS NULL OR acceptance.concession_id = mine.concession_id)
                )
            UNION ALL
            SELECT everybody.concession_id, everybody.municipality_id,
                datemultirange(daterange(everybody.valid_from, everybody.valid_to)),
                '{}', '{}', '{}', true
            FROM concession_terms AS everybody
            WHERE done.uploaded_at IS NULL
                AND everybody.concession_id = item.code AND everybody.terms @> '{"universal": true}'
                AND everybody.valid_from <= item.day AND (everybody.valid_to IS NULL OR everybody.valid_to > item.day)
                AND EXISTS (
                    SELECT FROM acceptance
                    WHERE acceptance.provider_id = here.provider_id
                        AND acceptance.grantor_id = everybody.municipality_id
                        AND (acceptance.concession_id IS NULL OR acceptance.concession_id = everybody.concession_id)
                )
            OFFSET 0
        ) AS entitlement ON true
        LEFT JOIN LATERAL (
            SELECT dated.concession_id, dated.revision, dated.quota ->> 'per' AS per,
                dated.quota ->> 'carry_until' AS carry,
                concat_ws('-', dated.quota ->> 'per', dated.quota ->> 'carry_until',
                    CASE WHEN dated.quota ? 'amount' THEN 'eur' END) AS kind,
                greatest(item.near, (dated.terms ->> 'pass_back_seconds')::integer, 0) AS near
            FROM concession_terms AS dated
            WHERE dated.municipality_id = entitlement.grantor_id AND dated.concession_id = entitlement.concession_id
                AND dated.valid_from <= item.day AND (dated.valid_to IS NULL OR dated.valid_to > item.day)
            ORDER BY dated.valid_from DESC
            LIMIT 1
        ) AS terms ON true
{WINDOW}
        LEFT JOIN LATERAL (
            -- where even the newest use is too long ago there is none beside it
            SELECT true AS any FROM last_tap WHERE terms.near > 0 AND last_tap.token_id = holder.id
                AND last_tap.at >= item.at - make_interval(secs => terms.near)
            LIMIT 1
        ) AS newer ON true
        LEFT JOIN LATERAL (
            SELECT array_agg(beside.at) AS at, array_agg(beside.code) AS place,
                array_agg(beside.lat) AS lat, array_agg(beside.lon) AS lon
            FROM (
                (SELECT use.at, stop.code, stop.lat, stop.lon FROM use JOIN place AS stop ON stop.id = use.place_id
                WHERE newer.any
                    AND use.municipality_id = holder.municipality_id AND use.person_id = holder.person_id
                    AND use.token_id = holder.id AND use.terminal_id <> here.id AND use.verdict <> 'REVERSED'
                    AND use.at <= item.at AND use.at >= item.at - make_interval(secs => terms.near)
                    AND NOT use_taken_back(use.terminal_id, use.pairing, use.seq)
                ORDER BY use.at DESC LIMIT 1)
                UNION ALL
                (SELECT use.at, stop.code, stop.lat, stop.lon FROM use JOIN place AS stop ON stop.id = use.place_id
                WHERE newer.any
                    AND use.municipality_id = holder.municipality_id AND use.person_id = holder.person_id
                    AND use.token_id = holder.id AND use.terminal_id <> here.id AND use.verdict <> 'REVERSED'
                    AND use.at > item.at AND use.at <= item.at + make_interval(secs => terms.near)
                    AND NOT use_taken_back(use.terminal_id, use.pairing, use.seq)
                ORDER BY use.at LIMIT 1)
            ) AS beside
        ) AS near ON true
        LEFT JOIN LATERAL (
            SELECT quota_reserve.units - quota_reserve.used AS units, quota_reserve.window_start AS since,
                quota_reserve.id
            FROM quota_reserve
            WHERE quota_reserve.id = item.reserve AND quota_reserve.terminal_id = here.id
                AND quota_reserve.person_id = holder.person_id AND quota_reserve.concession_id = item.code
                AND quota_reserve.per = terms.kind
            UNION ALL
            SELECT quota_reserve.units - quota_reserve.used, quota_reserve.window_start, quota_reserve.id
            FROM quota_reserve
            WHERE item.chip AND quota_reserve.card_uid = decode(item.uid, 'hex')
                AND quota_reserve.person_id = holder.person_id AND quota_reserve.concession_id = item.code
                AND quota_reserve.per = terms.kind AND quota_reserve.window_start = quota.since
            LIMIT 1
        ) AS aside ON true;
END $$
""".replace("{WINDOW}", WINDOW)
"""The claims of a batch of lines: one row for each line and the right that its terminal used; nothing at all where the
terminal is unknown. What was uploaded before is not looked up further.

The planner is told what a lane tells it for its connection: a plan made while a table was nearly empty would read all
of it for ever.
"""

COMMIT = """
CREATE FUNCTION upload_commit(batch json) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    given record;
    moment timestamptz;
    machine uuid;
    session integer;
    undone json;
    missed boolean;
BEGIN
    -- read once: each operator on a long JSON text reads all of it
    SELECT * INTO given FROM json_to_record(batch) AS work (
        now timestamptz, terminal uuid, pairing integer, request text, taps json, takes json, aside json, undone json,
        conflicts json, since text, head text, seq bigint);
    SELECT given.now, given.terminal, given.pairing INTO moment, machine, session;
    FOR undone IN SELECT json_array_elements(given.undone) LOOP
        IF NOT take_back(machine, session, (undone ->> 'seq')::bigint, (undone ->> 'seq')::bigint,
            (undone ->> 'id')::uuid, moment) THEN
            RAISE EXCEPTION 'another took it back first' USING ERRCODE = 'serialization_failure';
        END IF;
    END LOOP;
    WITH want AS MATERIALIZED (
        SELECT * FROM json_to_recordset(given.takes) AS take (
            m integer, person uuid, concession uuid, "window" date, per text, n integer, lim integer)
    ), took AS (
        INSERT INTO quota_counter AS counter
            (municipality_id, person_id, concession_id, window_start, per, used, lim)
        SELECT m, person, concession, "window", per, n, lim FROM want WHERE n <= lim
        ORDER BY m, person, concession, "window", per
        ON CONFLICT (municipality_id, person_id, concession_id, window_start, per) DO UPDATE
            -- a day that is long over never narrows what today allows
            SET used = counter.used + excluded.used, lim = greatest(counter.lim, excluded.lim)
            WHERE counter.used + excluded.used <= excluded.lim
        RETURNING 1
    ), aside AS MATERIALIZED (
        SELECT * FROM json_to_recordset(given.aside) AS part (reserve uuid, n integer)
    ), drawn AS (
        UPDATE quota_reserve SET used = used + aside.n FROM aside
        WHERE quota_reserve.id = aside.reserve AND quota_reserve.used + aside.n <= quota_reserve.units
        RETURNING 1
    ), item AS MATERIALIZED (
        SELECT machine AS terminal, session AS pairing, tap.* FROM json_to_recordset(given.taps) AS tap (
            seq bigint, sha text, answer text, at timestamptz, twice boolean,
            use uuid, day date, m integer, person uuid, token uuid, concession uuid, revision integer,
            grantor integer, funder text, provider uuid, place uuid, product text,
            gross numeric, payable numeric, companions smallint, verdict text, reason text,
            per text, "window" date, units integer, shares json,
            replay text, denial uuid, request text, shown json)
    ), keyed AS (
        INSERT INTO tap_key (terminal_id, pairing, seq, body_sha256, answer, at, recorded_at, use_id, uploaded_at)
        SELECT machine, session, seq, decode(sha, 'hex'), answer, at, moment, use, moment FROM item WHERE twice IS NULL
    ), again AS (
        -- what the terminal never saw: its own answer takes the place of ours
        UPDATE tap_key SET answer = coalesce(item.answer, tap_key.answer), uploaded_at = moment,
            (use_id, at, reversed_by) = (SELECT pick.use_id, pick.at, pick.by FROM (VALUES
                (item.answer IS NULL, tap_key.use_id, tap_key.at, tap_key.reversed_by),
                (item.answer IS NOT NULL, coalesce(item.use, tap_key.use_id),
                    CASE WHEN item.use IS NULL THEN tap_key.at ELSE item.at END,
                    CASE WHEN item.use IS NULL THEN tap_key.reversed_by END)
            ) AS pick (wanted, use_id, at, by) WHERE pick.wanted)
        FROM item WHERE item.twice AND tap_key.terminal_id = machine AND tap_key.pairing = session
            AND tap_key.seq = item.seq AND tap_key.uploaded_at IS NULL
        RETURNING 1
{WRITTEN}    ), shown_once AS (
        INSERT INTO seen (replay_key, at) SELECT decode(replay, 'hex'), moment FROM item
        WHERE use IS NOT NULL AND replay IS NOT NULL
        ON CONFLICT DO NOTHING
    ), kept AS (
        INSERT INTO last_tap AS earlier (token_id, municipality_id, use_id, previous, at, place_id, terminal_id)
        SELECT DISTINCT ON (token) token, m, use, NULL::uuid, at, place, machine FROM item
        WHERE use IS NOT NULL AND person IS NOT NULL
        ORDER BY token, at DESC, use DESC
        ON CONFLICT (token_id) DO UPDATE
            SET (use_id, previous, at, place_id, terminal_id) =
                (excluded.use_id, earlier.use_id, excluded.at, excluded.place_id, excluded.terminal_id)
            WHERE earlier.at < excluded.at
    ), flagged AS MATERIALIZED (
        SELECT * FROM json_to_recordset(given.conflicts) AS found (
            id uuid, m integer, provider uuid, seq bigint, use uuid, at timestamptz, token uuid, kind text, detail json)
    ), queued AS (
        INSERT INTO conflict (id, municipality_id, provider_id, terminal_id, pairing, seq, use_id, use_at, token_id,
            kind, detail, at)
        SELECT id, m, provider, machine, session, seq, use, at, token, kind, detail::jsonb, moment FROM flagged
    ), told AS (
        INSERT INTO audit (id, at, municipality_id, actor_kind, actor_id, action, subject_kind, subject_id, reason,
            after, request_id)
        SELECT uuidv7(), moment, m, 'machine', machine::text, 'conflict.find', 'conflict', id::text, kind,
            jsonb_build_object('use', use, 'seq', seq), given.request
        FROM flagged
    ), chained AS (
        INSERT INTO journal_head AS head (terminal_id, pairing, seq, hash, at)
        VALUES (machine, session, given.seq, decode(given.head, 'hex'), moment)
        ON CONFLICT (terminal_id, pairing) DO UPDATE
            SET (seq, hash, at) = (greatest(head.seq, excluded.seq), excluded.hash, excluded.at)
            -- an upload that was slower never leads the chain back
            WHERE head.hash = decode(given.since, 'hex')
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM took) <> (SELECT count(*) FROM want)
        OR (SELECT count(*) FROM drawn) <> (SELECT count(*) FROM aside)
        OR (SELECT count(*) FROM again) <> (SELECT count(*) FROM item WHERE twice)
        OR NOT EXISTS (SELECT FROM chained)
    INTO missed;
    IF missed THEN
        RAISE EXCEPTION 'somebody else was faster' USING ERRCODE = 'serialization_failure';
    END IF;
END $$
""".replace("{WRITTEN}", WRITTEN)
"""Writes a batch of lines: units, answers, uses, denials, conflicts and the head of the journal, all or nothing."""

UPLOAD_FUNCTIONS: tuple[tuple[str, str, str], ...] = (
    (CLAIMS, "upload_claims(json)", "amis_app"),
    (COMMIT, "upload_commit(json)", "amis_app"),
    *TAKE_BACK_FUNCTIONS,
    *RESERVE_FUNCTIONS,
)
"""Statement, signature, who may call it."""
