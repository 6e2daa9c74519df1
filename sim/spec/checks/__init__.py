"""Checks across a scenario, by subject."""
