"""Granting: rules turn facts into entitlements, and say why."""
