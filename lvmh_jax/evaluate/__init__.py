"""Scores, intervals and calibration: how good a detector is, and how sure that is."""
