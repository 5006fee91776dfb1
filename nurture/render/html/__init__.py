"""A mail's three templates as subject, text and HTML, with its CSS inlined once per skeleton. Sends nothing."""
