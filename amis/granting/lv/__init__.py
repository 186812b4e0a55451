"""Grant rules of Latvia as data, a module for each grantor."""
