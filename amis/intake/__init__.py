"""Intake: notices of social systems come in, are put in order and become facts, once each, whatever their order."""
