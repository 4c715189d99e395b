"""Carries recorded turns to the server."""
