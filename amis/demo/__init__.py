"""The demo: a town on one machine, its social system, its bus, and the main walk before the reader's eyes."""
