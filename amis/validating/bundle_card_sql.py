"""The statements that build card snapshots: what each card may do, as a text, and the names of cards.

A text is the number of the municipality and, after a record separator each, the rights: public code, days, days on
which a waiver lifts the limits, chosen modes, parted by unit separators; modes by group separators (ASCII 1E, 1F, 1D).
"""

from typing import LiteralString

# Most rights hold all the time that is told, and then the text is that of the concession (`accepted.always`): working
# it out anew for each of a million persons takes four times as long.
_HELD: LiteralString = """
SELECT part.uid, min(part.municipality_id) || string_agg(part.said, '' ORDER BY part.said COLLATE "C") AS said
FROM (
    SELECT card.uid, card.municipality_id, CASE
        WHEN card.valid_from <= accepted.since AND card.last = accepted.last AND mine.periods @> accepted.span
            AND isempty(mine.suspended) AND NOT accepted.waiver AND NOT accepted.choice
        THEN accepted.always
        ELSE (
            SELECT concat(E'\\x1e', accepted.code, E'\\x1f',
                CASE WHEN accepted.waiver THEN usable.days - mine.waived ELSE usable.days END, E'\\x1f',
                CASE WHEN accepted.waiver THEN usable.days * mine.waived END, E'\\x1f',
                CASE WHEN accepted.choice THEN array_to_string(mine.modes, E'\\x1d') END)
            FROM (
                SELECT (mine.periods - mine.suspended) * datemultirange(daterange(
                    CASE WHEN accepted.since IS NOT NULL THEN greatest(accepted.since, card.valid_from) END,
                    card.last)) AS days
                OFFSET 0
            ) AS usable
            WHERE NOT isempty(usable.days)
        ) END AS said
    FROM card
        JOIN entitlement AS mine
            ON mine.municipality_id = card.municipality_id AND mine.person_id = card.person_id
        JOIN accepted ON accepted.concession = mine.concession_id
    OFFSET 0
) AS part
WHERE part.said IS NOT NULL
GROUP BY part.uid
"""
_ACCEPTED: LiteralString = """
accepted AS MATERIALIZED (
    SELECT one.*, %(last)s::date AS last, daterange(one.since, %(last)s) AS span,
        concat(E'\\x1e', one.code, E'\\x1f', datemultirange(daterange(one.since, %(last)s)), E'\\x1f\\x1f') AS always
    FROM jsonb_to_recordset(%(accepted)s) AS one (
        concession uuid, code integer, since date, waiver boolean, choice boolean)
)
"""
_DAYS: LiteralString = "token.valid_from, least(%(last)s, token.valid_to) AS last"
_ALIVE: LiteralString = "token.state = 'active' AND token.valid_to > %(day)s AND token.valid_from < %(last)s"
ALL: LiteralString = f"""
WITH {_ACCEPTED}, card AS (
    SELECT token.card_uid AS uid, token.municipality_id, token.person_id, {_DAYS} FROM token
    WHERE token.card_uid IS NOT NULL AND {_ALIVE}
), held AS MATERIALIZED ({_HELD}), profile AS MATERIALIZED (
    SELECT said, row_number() OVER (ORDER BY count(*) DESC, said) AS number FROM held GROUP BY said
), dead AS (
    SELECT DISTINCT token.card_uid AS uid FROM token
    WHERE token.card_uid IS NOT NULL AND token.state IN ('blocked', 'ended') AND token.valid_to > %(day)s
        AND (token.state = 'blocked' OR NOT EXISTS (
            SELECT FROM token AS other WHERE other.card_uid = token.card_uid AND other.state <> 'ended'))
), entry AS (
    SELECT held.uid, CASE WHEN profile.number > %(most)s THEN 65535 ELSE profile.number END AS number
    FROM held JOIN profile USING (said)
    UNION ALL
    SELECT uid, 0 FROM dead
), named AS (
    SELECT substr(sha256(%(outer)s || sha256(%(inner)s || uid)), 1, 8) AS mac,
        substr(int4send(number::integer), 3) AS number
    FROM entry
)
SELECT (SELECT coalesce(array_agg(said ORDER BY number), '{{}}') FROM profile WHERE number <= %(most)s),
    (SELECT coalesce(string_agg(mac || number, ''::bytea ORDER BY mac), ''::bytea) FROM named)
"""  # noqa: S608
# Of several tokens of one chip the one that has not ended counts.
SOME: LiteralString = f"""
WITH {_ACCEPTED}, chip AS MATERIALIZED (
    SELECT DISTINCT ON (token.card_uid) token.card_uid, token.municipality_id, token.person_id, token.state,
        token.valid_from, token.valid_to
    FROM token
    WHERE token.card_uid IN (
        SELECT noted.card_uid FROM token AS noted WHERE noted.id = ANY (%(tokens)s) AND noted.card_uid IS NOT NULL)
    ORDER BY token.card_uid, token.state = 'ended', token.id DESC
), card AS (
    SELECT token.card_uid AS uid, token.municipality_id, token.person_id, {_DAYS} FROM chip AS token WHERE {_ALIVE}
), held AS MATERIALIZED ({_HELD})
SELECT chip.card_uid, chip.state, chip.valid_to > %(day)s, chip.municipality_id, held.said
FROM chip LEFT JOIN held ON held.uid = chip.card_uid ORDER BY chip.card_uid
"""  # noqa: S608
