"""datawell."""
