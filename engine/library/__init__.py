"""Which model is this: graph reading, identification, what was remembered about a file."""
