"""From the feed to deliveries: each webhook gets those of its topics, and its cursor moves in the same statement."""

from typing import LiteralString

from psycopg import AsyncConnection

from amis.kernel import clock

AT_ONCE = 1_000
"""Entries of the feed that one webhook is taken further at a time."""
MOST_WAITING = 10_000
"""Deliveries that may wait for one webhook; beyond that the feed itself keeps what comes."""
# A source's own webhook hears of its own notices only. What the feed no longer keeps cannot be sent.
_STATEMENT: LiteralString = """
WITH behind AS MATERIALIZED (
    SELECT webhook.* FROM webhook JOIN feed_head AS head USING (municipality_id)
    WHERE webhook.state = 'active' AND webhook.cursor < head.seq AND (
        SELECT count(*) FROM (
            SELECT FROM webhook_delivery AS open WHERE open.webhook_id = webhook.id AND open.state = 'pending'
            LIMIT %(most)s
        ) AS waiting
    ) < %(most)s
    ORDER BY webhook.id FOR UPDATE OF webhook SKIP LOCKED
), news AS MATERIALIZED (
    SELECT behind.id AS webhook_id, behind.topics, behind.sender_id, entry.*
    FROM behind CROSS JOIN LATERAL (
        SELECT * FROM feed WHERE feed.municipality_id = behind.municipality_id AND feed.seq > behind.cursor
        ORDER BY feed.seq LIMIT %(limit)s
    ) AS entry
), moved AS (
    UPDATE webhook SET cursor = last.seq
    FROM (SELECT webhook_id, max(seq) AS seq FROM news GROUP BY webhook_id) AS last
    WHERE webhook.id = last.webhook_id
), made AS (
    INSERT INTO webhook_delivery (municipality_id, webhook_id, seq, topic, key, state, due_at, made_at)
    SELECT municipality_id, webhook_id, seq, topic, coalesce(subject, ref)::text, 'pending', %(now)s, %(now)s
    FROM news
    WHERE topic = ANY (topics)
        AND (sender_id IS NULL OR NOT starts_with(topic, 'notice.') OR data ->> 'sender_id' = sender_id::text)
    ON CONFLICT (webhook_id, seq) DO NOTHING
)
SELECT count(*) FROM news
"""


async def fan_out(connection: AsyncConnection) -> int:
    """Takes every active webhook up to `AT_ONCE` entries further (role amis_worker); returns how many that were."""
    values = {"now": clock.now(), "limit": AT_ONCE, "most": MOST_WAITING}
    row = await (await connection.execute(_STATEMENT, values)).fetchone()
    return int(row[0]) if row else 0
