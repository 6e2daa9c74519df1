"""Numbers from the log: pure functions, log in, frame with units out. Metrics never see the
engine."""
