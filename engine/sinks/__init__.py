"""Where results go: JSON lines, CSV rows, video files, snapshots."""
