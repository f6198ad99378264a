"""One short script a stage; no maths."""
