"""What is read in order to be shown: one file a list or a page. Commands and pages read nothing else of the store."""
