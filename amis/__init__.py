"""The AMIS service: the only place with tables, HTTP routes and pages."""
