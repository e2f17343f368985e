"""The roleplay room."""
