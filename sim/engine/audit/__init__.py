"""Laws that every run must pass, the search for gridlock, and the state at the end."""
