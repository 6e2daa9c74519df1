"""Rules of the engine against theory."""
