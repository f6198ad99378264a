"""Floor 6: parse, call the pipeline, print, map errors to exit codes; one file a command."""
