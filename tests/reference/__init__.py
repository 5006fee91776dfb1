"""`make docs`: the pages of docs/reference, made from the code. What only words can say stands beside the names."""
