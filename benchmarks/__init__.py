"""Measuring from outside, through the command line: quality, speed and scale."""
