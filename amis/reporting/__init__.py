"""Reporting: how often and for how much concessions were used, by provider, concession, funder and month."""
