"""Ways to hand a message over. Sees bytes and envelopes; never a table, never a template."""
