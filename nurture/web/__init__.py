"""Floor 4: pages and endpoints for prospects. Parses, calls a verb, answers; GET never changes anything."""
