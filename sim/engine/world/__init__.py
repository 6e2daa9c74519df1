"""What stands in the world of one replication: lots, stacks, facilities, weather and outages. It
calls nobody."""
