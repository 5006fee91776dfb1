"""The captured inbox: an SMTP server that sends nothing on, a Maildir, and the pages that show it."""
