"""The optimise page: what it shows, and what comes of a person's wishes there."""
