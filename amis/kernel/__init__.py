"""Ground floor of the service: settings, clock, database, errors, audit, sealed columns."""
