"""One scenario in many replications: every number with its interval, and paired comparisons."""
