"""The way to the workers through the broker, and what they run. Only ids travel; the ledger has the rest."""
