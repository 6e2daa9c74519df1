"""The engine: one replication of a network, as processes of its trains, vessels and trucks.

Vehicles act, cargo waits. The clock is a whole number of seconds. What happens in the same second
happens in the order in which it was scheduled; weather is known in advance and takes part in no
tie.

It is built in floors, and each imports only from those below it:

- `kernel`: clock, processes, tokens, calendars, departure rules; it knows no cargo.
- `world`: what stands (lots and stacks, facilities, weather, outages), the books, and the
  interfaces by which the floors above it meet.
- `cargo`: what happens to cargo from its creation to its delivery. `audit`: whether the books
  balance, and whether anything can still move. Neither needs the other.
- `land` and `sea`: what carries it. They meet through cargo alone.
- `run`: one replication, from the first second to the audited log.
"""
