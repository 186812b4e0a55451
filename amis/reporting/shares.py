"""A use as each of its funders sees it: the part of the discount that each of them pays."""

from typing import LiteralString

PAID: LiteralString = """
CROSS JOIN LATERAL (
    SELECT use.funder, use.discount, 1::bigint WHERE use.shares IS NULL
    UNION ALL
    SELECT part ->> 0, (part ->> 1)::numeric, place
    FROM jsonb_array_elements(use.shares) WITH ORDINALITY AS share (part, place)
) AS paid (funder, discount, place)
CROSS JOIN LATERAL (
    SELECT CASE WHEN use.reverses IS NULL THEN 1 ELSE -1 END AS uses,
        CASE WHEN paid.place = 1 THEN use.payable ELSE 0 END AS payable
) AS counted
"""
"""To be put behind `FROM use`: a row for each funder.

Each funder counts the use, and those after the first count it as `repeated` too, so that it is one use in a total. What
the holder paid is told once, with the first funder; so the amounts of all rows add up to those of the use.
"""
COLUMNS: LiteralString = """paid.funder, counted.uses,
        CASE WHEN paid.place > 1 THEN counted.uses ELSE 0 END AS repeated,
        paid.discount + counted.payable AS gross, counted.payable, paid.discount"""
