"""Who carries a message: one module a way, all with the same face."""
