"""Input that is wrong, by format: what its reader does with it is stated, and it does no more."""
