"""The network: a scenario in codes, with defaults filled in, frozen and without a clock.

`sim.network.parts` has its types, `sim.network.build` puts it together from files by subject, and
`sim.network.preview` holds demand against capacity before any run.
"""
