"""Room of taps: providers, places, terminals, and the decision on every tap, recorded before it is answered."""
