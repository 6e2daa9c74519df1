"""What to build, in which order, to reach a target."""
