"""The self-test: says of this machine and this installation whether what should work does.

The demo scene knows its truth, and what the demo model finds on sixty of its frames is stored. So every backend, device
and precision can be held against a known answer. What touches native code runs in a child process.
"""
