"""Terminals: what runs on a validator. Pairs with the service, asks it about taps, repeats until it is answered."""
