"""What follows detection: vectors of notes, segments of clients, relations of concepts."""
