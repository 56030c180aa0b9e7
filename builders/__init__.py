"""The programs that make what the project publishes; run from a clone: `python -m builders`."""
