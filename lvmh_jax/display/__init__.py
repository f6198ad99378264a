"""What people look at: a note with its spans, and the report of a model. Records in, text out."""
