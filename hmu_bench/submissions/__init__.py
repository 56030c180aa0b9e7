"""Reading and validating what strangers send."""
