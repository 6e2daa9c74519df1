"""What holds a corridor back, and what will next."""
