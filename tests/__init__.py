"""The tests; folders mirror `lvmh_jax/`."""
