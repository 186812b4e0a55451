"""What the holder pays."""

from tests.terminals.golden.shapes import HALF, right, vector

VECTORS = [
    vector(
        "half a euro off a fare of 1.00",
        "ACCEPT OK 0.5000 by DGP-PENSION",
        right("DGP-PENSION", {"kind": "amount_off", "value": "0.50"}),
        tap={"gross": "1.0000"},
    ),
    vector(
        "half a euro off a fare of 0.40 is never negative",
        "ACCEPT OK 0.0000 by DGP-PENSION",
        right("DGP-PENSION", {"kind": "amount_off", "value": "0.50"}),
        tap={"gross": "0.4000"},
    ),
    vector(
        "a fixed price",
        "ACCEPT OK 0.0500 by VNT-CHILD47",
        right("VNT-CHILD47", {"kind": "fixed_price", "value": "0.05"}),
    ),
    vector(
        "a fixed price above the fare costs the fare",
        "ACCEPT OK 0.0400 by VNT-CHILD47",
        right("VNT-CHILD47", {"kind": "fixed_price", "value": "0.05"}),
        tap={"gross": "0.0400"},
    ),
    vector("a capped price", "ACCEPT OK 0.6000 by RIX-CAP", right("RIX-CAP", {"kind": "cap", "value": "0.60"})),
    vector(
        "a discount of its own for a season ticket",
        "ACCEPT OK 24.0000 by LV-GODA",
        right(
            "LV-GODA", {"kind": "percent", "value": "50", "products": {"season": {"kind": "percent", "value": "40"}}}
        ),
        tap={"product": "season", "gross": "40.0000"},
    ),
    vector(
        "rounding at 4 decimals is half up: 33.33 % of 0.85",
        "ACCEPT OK 0.5667 by RIX-33",
        right("RIX-33", {"kind": "percent", "value": "33.33"}),
    ),
    vector(
        "half of a thousandth rounds up", "ACCEPT OK 0.0001 by RIX-50", right("RIX-50", HALF), tap={"gross": "0.0001"}
    ),
]
