"""The teachers room."""
