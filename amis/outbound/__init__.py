"""Outbound: what flows out of the service without a gap: the feed, webhooks, exports per provider."""
