"""Rules of the engine against theory.

`sim.verify.theory` has the exact values, `sim.verify.cases` the scenarios that must meet them, by
subject, and `sim.verify.verify` runs these and judges.
"""
