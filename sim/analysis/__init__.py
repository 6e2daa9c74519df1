"""A room for each question, named as its command."""
