"""What prospects see: one file a page. A GET changes nothing; whatever is wanted comes by POST."""
