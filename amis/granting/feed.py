"""What others may follow of entitlements: each change, as days gained and lost.

On the wire a period is written with its last day, as those who send us statuses write theirs.
"""

from amis.kernel.feed import FeedSource

ENTITLEMENTS = FeedSource(
    "entitlement_log",
    "SELECT feed_no, municipality_id, 'entitlement_log' AS source, id, 'entitlement.' || change AS topic,"
    " person_id AS subject, jsonb_build_object("
    "'concession', (SELECT code FROM concession WHERE concession.id = concession_id), 'concession_id', concession_id,"
    " 'rule_id', rule_id, 'rule_version', rule_version,"
    " 'gained', coalesce((SELECT jsonb_agg(jsonb_build_object('from', lower(part), 'to', upper(part) - 1)"
    " ORDER BY part) FROM unnest(gained) AS part), '[]'),"
    " 'lost', coalesce((SELECT jsonb_agg(jsonb_build_object('from', lower(part), 'to', upper(part) - 1)"
    " ORDER BY part) FROM unnest(lost) AS part), '[]'),"
    " 'cause', cause, 'cause_ref', cause_ref) AS data, at FROM entitlement_log",
)
