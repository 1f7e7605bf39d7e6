"""Where frames come from: files, cameras, network streams, pictures, screens."""
