"""Pictures with what was found on them: one or a grid, and the bar that plays them."""
