"""Tests of the engine, with small components of its own behind real entry points."""
