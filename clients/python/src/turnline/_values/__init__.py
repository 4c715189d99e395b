"""Turns whatever an agent hands in into what the protocol accepts."""
