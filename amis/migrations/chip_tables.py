"""What the room keeps about chips, as migration 0007 creates it: masters that terminals hold, units that lie on cards.

Units on a card are a reserve whose holder is the card: they leave the counter before they are put there, and come back
only when the card itself has said that they never came, or that they were taken off again.
"""

from alembic import op

from amis.migrations.reserve_functions import CALLER, HEAD
from amis.migrations.tenancy import hot_function, open_to, protect

TABLES = """
ALTER TABLE terminal ADD COLUMN chip_keys text NOT NULL DEFAULT '' CHECK (chip_keys IN ('', 'read', 'use'));
ALTER TABLE quota_reserve ADD COLUMN card_uid bytea CHECK (octet_length(card_uid) = 7);
CREATE UNIQUE INDEX quota_reserve_on_chip ON quota_reserve (card_uid, person_id, concession_id, window_start, per)
    WHERE card_uid IS NOT NULL;
CREATE TABLE chip_load (
    id uuid PRIMARY KEY,
    reserve_id uuid NOT NULL REFERENCES quota_reserve,
    municipality_id integer NOT NULL REFERENCES municipality,
    terminal_id uuid NOT NULL REFERENCES terminal,
    pairing integer NOT NULL,
    seq bigint NOT NULL,
    body_sha256 bytea NOT NULL,
    card_uid bytea NOT NULL,
    stamp text NOT NULL,
    last_event text,
    units integer NOT NULL CHECK (units > 0),
    wanted integer NOT NULL,
    emptied_id uuid REFERENCES quota_reserve,
    emptied integer NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'loaded', 'released')),
    at timestamptz NOT NULL
);
CREATE UNIQUE INDEX chip_load_open ON chip_load (card_uid) WHERE state = 'open';
CREATE INDEX chip_load_of_card ON chip_load (card_uid, at);
"""
"""`chip_keys`: the masters that the terminal is given: none, of the read key, or of the use key as well.

A row of `chip_load` is written before the card is: it brings the counter on the card to `wanted`, with `units` more of
the reserve, and takes `emptied` off that were of another one. `stamp` and `seq` name the event on the card that says
that it was done, `last_event` the one before it.
"""
_BACK = """
    UPDATE quota_reserve SET units = greatest(used, units - {n}) WHERE id = {id}
        RETURNING * INTO after;
    UPDATE quota_counter SET used = used - (before.units - after.units)
    WHERE municipality_id = after.municipality_id AND person_id = after.person_id
        AND concession_id = after.concession_id AND window_start = after.window_start AND per = after.per;
    INSERT INTO audit (id, at, municipality_id, actor_kind, actor_id, action, subject_kind, subject_id, reason, after,
        request_id)
    VALUES (uuidv7(), moment, after.municipality_id, 'machine', held.terminal_id::text, 'reserve.put_back', 'reserve',
        after.id::text, '', jsonb_build_object('units', before.units - after.units), request);
"""
SETTLE = f"""
CREATE FUNCTION settle_chip_load(load uuid, came boolean, moment timestamptz, request text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held chip_load;
    before quota_reserve;
    after quota_reserve;
    reply text;
BEGIN
    SELECT * INTO held FROM chip_load WHERE id = load AND state = 'open' FOR UPDATE;
    IF held.id IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE chip_load SET state = CASE WHEN came THEN 'loaded' ELSE 'released' END WHERE id = held.id;
    IF NOT came THEN
        SELECT * INTO before FROM quota_reserve WHERE id = held.reserve_id FOR UPDATE;
        {_BACK.format(n="held.units", id="held.reserve_id")}
        RETURN NULL;
    END IF;
    IF held.emptied_id IS NOT NULL AND held.emptied > 0 THEN
        SELECT * INTO before FROM quota_reserve WHERE id = held.emptied_id FOR UPDATE;
        {_BACK.format(n="held.emptied", id="held.emptied_id")}
    END IF;
    SELECT json_build_object('reserve', quota_reserve.id, 'code', replace(quota_reserve.concession_id::text, '-', ''),
        'window', quota_reserve.window_start, 'units', held.units, 'on_chip', held.wanted)::text
    INTO reply FROM quota_reserve WHERE id = held.reserve_id;
    INSERT INTO tap_key (terminal_id, pairing, seq, body_sha256, answer, at, recorded_at)
    VALUES (held.terminal_id, held.pairing, held.seq, held.body_sha256, reply, moment, moment)
    ON CONFLICT DO NOTHING;
    RETURN reply;
END $$
"""  # noqa: S608  # texts of our own
"""The card has said whether units came to it: they stay its own, or are everybody's again. The answer, if they did."""

BEGIN = f"""
CREATE FUNCTION begin_chip_load(asked json) RETURNS json {HEAD}
DECLARE
    moment timestamptz := (asked ->> 'now')::timestamptz;
    card bytea := decode(asked ->> 'uid', 'hex');
    events jsonb := asked -> 'events';
    here record;
    done tap_key;
    earlier chip_load;
    held quota_reserve;
    counter quota_counter;
    mine quota_reserve;
    given integer;
    mark text;
BEGIN
    -- one contact of a card at a time
    PERFORM pg_advisory_xact_lock(hashtextextended(asked ->> 'uid', 7));
    FOR earlier IN SELECT * FROM chip_load WHERE card_uid = card AND state = 'open' LOOP
        -- where the log no longer reaches back to the event before it, it may have been pushed out
        PERFORM settle_chip_load(earlier.id, events ? (earlier.stamp || ' ' || earlier.seq) OR NOT coalesce(
            events ? earlier.last_event, NOT (asked ->> 'full')::boolean), moment, asked ->> 'request');
    END LOOP;
    {CALLER}
    mark := left(encode(sha256(convert_to(here.id || ' ' || here.pairing, 'UTF8')), 'hex'), 16);
    SELECT quota_reserve.* INTO held FROM chip_load JOIN quota_reserve ON quota_reserve.id = chip_load.reserve_id
    WHERE chip_load.card_uid = card AND chip_load.state = 'loaded'
    ORDER BY chip_load.at DESC, chip_load.id DESC LIMIT 1;
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
    INSERT INTO quota_reserve AS reserve (id, terminal_id, pairing, municipality_id, person_id, token_id, concession_id,
        per, window_start, units, until, at, card_uid)
    VALUES ((asked ->> 'reserve')::uuid, here.id, here.pairing, counter.municipality_id, counter.person_id,
        (asked ->> 'token')::uuid, counter.concession_id, counter.per, counter.window_start, given,
        (asked ->> 'until')::timestamptz, moment, card)
    ON CONFLICT (card_uid, person_id, concession_id, window_start, per) WHERE card_uid IS NOT NULL
        DO UPDATE SET units = reserve.units + excluded.units, state = 'open'
    RETURNING * INTO mine;
    INSERT INTO chip_load (id, reserve_id, municipality_id, terminal_id, pairing, seq, body_sha256, card_uid, stamp,
        last_event, units, wanted, emptied_id, emptied, at)
    VALUES ((asked ->> 'id')::uuid, mine.id, mine.municipality_id, here.id, here.pairing, (asked ->> 'seq')::bigint,
        decode(asked ->> 'sha', 'hex'), card, mark, events ->> -1, given,
        given + CASE WHEN held.id = mine.id THEN (asked ->> 'value')::integer ELSE 0 END,
        CASE WHEN held.id <> mine.id THEN held.id END,
        CASE WHEN held.id <> mine.id THEN (asked ->> 'value')::integer ELSE 0 END, moment);
    INSERT INTO audit (id, at, municipality_id, actor_kind, actor_id, action, subject_kind, subject_id, reason, after,
        request_id)
    VALUES (uuidv7(), moment, mine.municipality_id, 'machine', here.id::text, 'reserve.set_aside', 'reserve',
        mine.id::text, 'chip', jsonb_build_object('units', given, 'concession', mine.concession_id),
        asked ->> 'request');
    RETURN json_build_object('outcome', 'open', 'stamp', mark, 'wanted',
        given + CASE WHEN held.id = mine.id THEN (asked ->> 'value')::integer ELSE 0 END);
END $$
"""  # noqa: S608  # texts of our own
"""Settles what an earlier contact left open by what the card says, then takes units from the counter for the card."""

_FUNCTIONS = (
    (SETTLE, "settle_chip_load(uuid, boolean, timestamptz, text)", "amis_app"),
    (BEGIN, "begin_chip_load(json)", "amis_app"),
)


def create_chips() -> None:
    """Adds it, behind the tables of the room."""
    op.execute(TABLES)
    op.execute("GRANT UPDATE (chip_keys) ON terminal TO amis_app")
    protect("chip_load", grants="SELECT")
    open_to("amis_hot", "chip_load", "SELECT, INSERT, UPDATE")
    for statement, signature, grantee in _FUNCTIONS:
        hot_function(statement, signature, grantee)


def drop_chips() -> None:
    """Takes it away."""
    for _, signature, _ in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP TABLE chip_load")
