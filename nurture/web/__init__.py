"""Pages and endpoints for prospects. Parses, calls a verb, answers; GET never changes anything."""
