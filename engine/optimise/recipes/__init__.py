"""How variants are made, a file a recipe. This runs in a child process, the only one that loads these libraries."""
