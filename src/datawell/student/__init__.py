"""The student room."""
