"""Replications, each computed once and kept; knows nothing of the questions they answer."""
