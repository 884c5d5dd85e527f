"""The command groups behind starter.py: parse, call, print."""
