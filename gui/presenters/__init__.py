"""What the window does, without a window: logic over plain data, each presenter with a protocol of its view."""
