"""`nurture template preview`: every mail as readers see it, shown anew when a file has changed."""
