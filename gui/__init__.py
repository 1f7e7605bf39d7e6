"""The program: the console script, and the window on top of the engine."""
