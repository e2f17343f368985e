"""The seeds room."""
