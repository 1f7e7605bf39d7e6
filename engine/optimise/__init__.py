"""Proving and improving a model: accuracy on labelled pictures, later smaller and faster variants."""
