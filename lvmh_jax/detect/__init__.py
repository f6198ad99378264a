"""Notes to mentions: candidates, evidence, scores, decoding, linking."""
