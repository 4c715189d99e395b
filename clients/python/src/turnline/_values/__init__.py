"""Converts the values that an agent passes into what the protocol accepts."""
