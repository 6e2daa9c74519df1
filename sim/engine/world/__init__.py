"""What stands: lots and stacks, facilities, weather, outages, and the books. It calls nobody."""
