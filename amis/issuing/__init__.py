"""Issuing: tokens by which a person is recognised, their credentials, their status lists, and the person's page."""
