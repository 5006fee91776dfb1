"""From content and templates to finished text. Never needs a table, never sends."""
