"""The ledger. The only place that says SQL; functions take a connection and return frozen domain values."""
