"""Alembic history: one line, one file a room, from the ground floor up."""
