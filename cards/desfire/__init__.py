"""MIFARE DESFire EV1 and EV2 as pure procedures: what to send and what an answer means; no reader, no waiting."""
