"""A change of an entitlement is its own leaf of the audit tree: a million of them need no second row each."""

from amis.kernel.sequencer import LeafSource

CHANGE = LeafSource(
    "entitlement_log",
    "SELECT xid, 'entitlement_log' AS source, id,"
    " convert_to(jsonb_strip_nulls(to_jsonb(entitlement_log))::text, 'UTF8') AS canonical FROM entitlement_log",
)
