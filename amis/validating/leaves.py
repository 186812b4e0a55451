"""A use is its own leaf of the audit tree: the ledger needs no second row."""

from amis.kernel.sequencer import LeafSource

USE = LeafSource(
    "use",
    "SELECT xid, 'use' AS source, id, convert_to(jsonb_strip_nulls(to_jsonb(use))::text, 'UTF8') AS canonical FROM use",
)
