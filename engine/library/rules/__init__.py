"""One file per family of models: rules that turn facts into a scored candidate."""
