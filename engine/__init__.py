"""The engine: frames in, results out. Runs without a window; importing it loads no runtime."""
