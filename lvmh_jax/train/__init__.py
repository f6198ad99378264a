"""Learning: losses, optimizers, the pure step, fitting."""
