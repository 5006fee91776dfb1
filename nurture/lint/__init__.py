"""The lint of mails: what a reader, a mail program or the law objects to. Pure: reads templates, sends nothing."""
