"""What the product says, word for word: every mail, every answer in JSON, every page."""
