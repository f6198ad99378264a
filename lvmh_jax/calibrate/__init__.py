"""Fitting what a detector decides by: gold to targets, scorer, confidence, thresholds, gate."""
