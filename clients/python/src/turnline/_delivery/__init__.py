"""Delivers recorded turns to the server."""
