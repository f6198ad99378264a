"""Pure preparation: text, lexicon, matcher, examples, batches; numpy at most."""
