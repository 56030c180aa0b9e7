"""What a submission must answer: prompts, reference statistics."""
