"""A pretend social system: it sends on every path, makes trouble on purpose, and knows what must come of it."""
