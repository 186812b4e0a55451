"""The bundle: what a terminal holds to decide alone, signed, and the rules by which it takes anything new into it."""
