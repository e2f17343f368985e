"""Tests of the teachers room, and a loopback server that misbehaves on purpose."""
