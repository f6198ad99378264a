"""Throughput and scale: what runs here measures speed and memory, never quality."""
