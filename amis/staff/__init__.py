"""Staff and machines: who may come in, and what each may do."""
