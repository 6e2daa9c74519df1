"""Vessels, quays and fleets."""
