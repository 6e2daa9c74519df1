"""What happens to cargo: how it is created, routed, equipped, held back and delivered."""
