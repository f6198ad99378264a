"""`python -m lvmh_jax`: the command line."""

from lvmh_jax.cli.main import main

if __name__ == "__main__":
    main(prog_name="lvmh-jax")
