"""Pure values and rules. No clock, no I/O, no logging, no third party."""
