"""The history of the ledger's tables, run by `nurture upgrade`."""
