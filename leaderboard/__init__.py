"""The published board: committed records and the static site that is built from them."""
