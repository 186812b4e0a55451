"""Concessions: the classifier of what the state and municipalities give, with dated revisions of the terms."""
