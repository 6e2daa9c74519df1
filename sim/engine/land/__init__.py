"""Trains, sections, borders and roads."""
