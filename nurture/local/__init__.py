"""The broker, inbox and supervisor of one machine, behind `nurture up` and `nurture demo`."""
