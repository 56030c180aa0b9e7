"""What is to be forgotten, as data: one YAML a concept."""
