"""Tensors to results: one file per family of output layouts."""
