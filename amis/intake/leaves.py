"""What arrived is its own leaf of the audit tree, so a row of a batch needs no second one; a heartbeat goes again."""

from amis.kernel.sequencer import LeafSource

ARRIVAL = LeafSource(
    "notice_arrival",
    "SELECT xid, 'notice_arrival' AS source, id, convert_to(jsonb_strip_nulls(to_jsonb(arrival))::text, 'UTF8') AS"
    " canonical FROM (SELECT * FROM notice_arrival WHERE type IS DISTINCT FROM 'source.heartbeat.v1') AS arrival",
)
