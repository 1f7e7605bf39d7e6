"""The way of a frame: capture thread, slots, lanes, order, sinks."""
