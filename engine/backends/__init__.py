"""Who runs a model: one file per inference runtime behind one protocol."""
