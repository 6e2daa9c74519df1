"""Replications, computed once and kept; nothing here knows what they are asked for."""
