"""Conformance: is a backend one that our terminals can work with? Each clause of the contract is tried on it."""
