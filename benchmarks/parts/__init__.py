"""What a benchmark runs besides Nurture, each a process of its own: database, broker, relay, and what they all cost."""
