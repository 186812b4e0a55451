"""Register: persons with sealed names and codes, bitemporal facts, groups by list."""
