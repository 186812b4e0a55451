"""Holders: a person's own phone, what it shows and what it may ask; the way in is a one-time code, never a password."""
