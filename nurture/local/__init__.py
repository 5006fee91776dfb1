"""Floor 4: the broker, inbox and supervisor of one machine, behind `nurture up` and `nurture demo`."""
