"""What others may follow of tokens: each step of their life."""

from amis.kernel.feed import FeedSource

TOKENS = FeedSource(
    "token_log",
    "SELECT feed_no, municipality_id, 'token_log' AS source, id, 'token.' || change AS topic, person_id AS subject,"
    " jsonb_build_object('token_id', token_id, 'kind', kind, 'reason', reason) AS data, at FROM token_log",
)
