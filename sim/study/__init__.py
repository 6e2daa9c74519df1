"""Many runs: replications of a scenario with intervals, and scenarios compared on the same luck."""
