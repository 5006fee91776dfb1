"""Floor 2: from content and templates to finished text. Never needs a table, never sends."""
