"""Which kind of source a text names, and the module that reads it. Nothing is imported before it is needed."""
