"""The functions that set units of a quota aside for one terminal and give them back, as migration 0007 creates them.

Units leave the counter at once, so nobody else can take them; they return only when somebody says so, never by time.
"""

HEAD = "LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$"

CALLER = """
    SELECT machine.id, bearer.pairing INTO here
    FROM machine_token AS bearer
        JOIN machine ON machine.id = bearer.machine_id AND machine.pairing = bearer.pairing
            AND machine.kind = 'terminal' AND machine.state = 'active'
    WHERE bearer.hash = decode(asked ->> 'bearer', 'hex') AND bearer.expires_at > moment;
    IF here.id IS NULL THEN
        RETURN json_build_object('outcome', 'unauthenticated');
    END IF;
    SELECT * INTO done FROM tap_key
    WHERE terminal_id = here.id AND pairing = here.pairing AND seq = (asked ->> 'seq')::bigint;
    IF done.seq IS NOT NULL THEN
        RETURN json_build_object('outcome', CASE WHEN done.body_sha256 = decode(asked ->> 'sha', 'hex')
            THEN 'done' ELSE 'other_body' END, 'answer', done.answer);
    END IF;
"""
ANSWERED = """
    INSERT INTO tap_key (terminal_id, pairing, seq, body_sha256, answer, at, recorded_at)
    VALUES (here.id, here.pairing, (asked ->> 'seq')::bigint, decode(asked ->> 'sha', 'hex'), reply::text,
        moment, moment);
    RETURN json_build_object('outcome', 'done', 'answer', reply::text);
"""

SET_ASIDE = f"""
CREATE FUNCTION set_units_aside(asked json) RETURNS json {HEAD}
DECLARE
    moment timestamptz := (asked ->> 'now')::timestamptz;
    here record;
    done tap_key;
    counter quota_counter;
    given integer;
    reply json;
BEGIN
    {CALLER}
    INSERT INTO quota_counter (municipality_id, person_id, concession_id, window_start, per, used, lim)
    VALUES ((asked ->> 'm')::integer, (asked ->> 'person')::uuid, (asked ->> 'concession')::uuid,
        (asked ->> 'window')::date, asked ->> 'per', 0, (asked ->> 'lim')::integer)
    ON CONFLICT DO NOTHING;
    SELECT * INTO counter FROM quota_counter
    WHERE municipality_id = (asked ->> 'm')::integer AND person_id = (asked ->> 'person')::uuid
        AND concession_id = (asked ->> 'concession')::uuid AND window_start = (asked ->> 'window')::date
        AND per = asked ->> 'per'
    FOR UPDATE;
    given := least((asked ->> 'units')::integer, (asked ->> 'lim')::integer - counter.used);
    IF given <= 0 THEN
        RETURN json_build_object('outcome', 'nothing_left');
    END IF;
    UPDATE quota_counter SET used = used + given, lim = greatest(lim, (asked ->> 'lim')::integer)
    WHERE municipality_id = counter.municipality_id AND person_id = counter.person_id
        AND concession_id = counter.concession_id AND window_start = counter.window_start AND per = counter.per;
    INSERT INTO quota_reserve (id, terminal_id, pairing, municipality_id, person_id, token_id, concession_id, per,
        window_start, units, until, at)
    VALUES ((asked ->> 'id')::uuid, here.id, here.pairing, counter.municipality_id, counter.person_id,
        (asked ->> 'token')::uuid, counter.concession_id, counter.per, counter.window_start, given,
        (asked ->> 'until')::timestamptz, moment);
    INSERT INTO audit (id, at, municipality_id, actor_kind, actor_id, action, subject_kind, subject_id, reason, after,
        request_id)
    VALUES (uuidv7(), moment, counter.municipality_id, 'machine', here.id::text, 'reserve.set_aside',
        'reserve', asked ->> 'id', '', jsonb_build_object('units', given, 'concession', counter.concession_id),
        asked ->> 'request');
    reply := json_build_object('reserve', asked ->> 'id', 'code', replace(counter.concession_id::text, '-', ''),
        'window', counter.window_start, 'units', given, 'until', asked ->> 'until');
    {ANSWERED}
END $$
"""  # noqa: S608  # texts of our own
"""Takes units from a counter for one terminal: as many as asked for, or as are left."""

PUT_BACK = """
CREATE FUNCTION put_units_back(reserve uuid, kept integer, moment timestamptz, who_kind text, who text, why text,
    request text)
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held quota_reserve;
    spare integer;
BEGIN
    SELECT * INTO held FROM quota_reserve WHERE id = reserve FOR UPDATE;
    spare := held.units - greatest(held.used, least(kept, held.units));
    UPDATE quota_reserve SET units = units - spare, state = 'returned' WHERE id = reserve;
    UPDATE quota_counter SET used = used - spare
    WHERE municipality_id = held.municipality_id AND person_id = held.person_id
        AND concession_id = held.concession_id AND window_start = held.window_start AND per = held.per;
    INSERT INTO audit (id, at, municipality_id, actor_kind, actor_id, action, subject_kind, subject_id, reason, after,
        request_id)
    VALUES (uuidv7(), moment, held.municipality_id, who_kind, who, 'reserve.put_back', 'reserve',
        reserve::text, why, jsonb_build_object('units', spare), request);
    RETURN spare;
END $$
"""
"""Gives the units back that are neither recorded as used nor said to be; returns how many."""

RETURN = f"""
CREATE FUNCTION return_units(asked json) RETURNS json {HEAD}
DECLARE
    moment timestamptz := (asked ->> 'now')::timestamptz;
    here record;
    done tap_key;
    held quota_reserve;
    reply json;
BEGIN
    {CALLER}
    SELECT * INTO held FROM quota_reserve
    WHERE id = (asked ->> 'reserve')::uuid AND terminal_id = here.id AND pairing = here.pairing FOR UPDATE;
    IF held.id IS NULL THEN
        RETURN json_build_object('outcome', 'no_reserve');
    ELSIF held.state = 'returned' THEN
        RETURN json_build_object('outcome', 'already');
    ELSIF (asked ->> 'used')::integer > held.units THEN
        RETURN json_build_object('outcome', 'too_many');
    END IF;
    reply := json_build_object('reserve', held.id, 'returned', put_units_back(held.id, (asked ->> 'used')::integer,
        moment, 'machine', here.id::text, '', asked ->> 'request'));
    {ANSWERED}
END $$
"""  # noqa: S608  # texts of our own
"""A terminal says how many units it has used: the others are everybody's again."""

RELEASE = """
CREATE FUNCTION release_units(wanted uuid, who text, why text, moment timestamptz, request text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM quota_reserve
    WHERE id = wanted AND (state = 'open' OR used < units) AND municipality_id = current_municipality() FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN put_units_back(wanted, 0, moment, 'staff', who, why, request);
END $$
"""
"""A person takes back what a terminal will not give back, or said to be used without a line of it to come; null where
the municipality has no such reserve."""

RESERVE_FUNCTIONS: tuple[tuple[str, str, str], ...] = (
    (SET_ASIDE, "set_units_aside(json)", "amis_app"),
    (PUT_BACK, "put_units_back(uuid, integer, timestamptz, text, text, text, text)", "amis_hot"),
    (RETURN, "return_units(json)", "amis_app"),
    (RELEASE, "release_units(uuid, text, text, timestamptz, text)", "amis_app"),
)
"""Statement, signature, who may call it."""
