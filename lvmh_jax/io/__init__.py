"""Floor 4: the only disk, clock and log."""
