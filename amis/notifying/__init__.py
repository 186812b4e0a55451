"""Notifying: holders are told what changes for them, by e-mail, SMS or post."""
