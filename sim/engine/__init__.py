"""The engine: one replication of a network, told as the stories of its trains, vessels and trucks.

Vehicles act, cargo waits. The clock is a whole number of seconds. What happens in the same second
happens in the order in which it was scheduled; weather is known in advance and takes part in no
tie.
"""
