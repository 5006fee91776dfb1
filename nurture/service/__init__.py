"""The verbs. Each takes the Runtime, opens its own transactions, and dispatches only after a commit."""
