"""What a reader, a mail program or the law would object to in a finished mail. Pure: reads templates, sends nothing."""
