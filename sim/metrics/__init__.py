"""Numbers from the log: pure functions, log in, frame with units out; metrics never see the engine.

`sim.metrics.measure` gives all metrics of a run. They come from a file a subject:

- cargo and flows: `transit` (offered, carried, transit times and waits), `stacks`
- vehicles: `vehicles` (sailings, fill, journeys), `quays` (calls), `budget` (time by activity)
- resources: `resources` (occupancy and queues), `active` (the momentary bottleneck)
- rules: `weather`, `dwell`, `embargo`, `standing`, `equipment`, `outages`
- money and carbon: `books` (quantities), `cost` (quantities times rates)

They share `rows` (how a number is written), `window` (the measured window), `flows`, `aboard` and
`duty`. Other forms of a log: `movements` with `places` and `lanes` (for maps, diagrams and charts),
`events` (for process mining), `carec` (four indicators). `outcomes` and `warmup` are about metrics.
"""
