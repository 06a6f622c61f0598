"""The rows E1 to E12: what each asks of the evaluator, what it is set beside, and what must be true for a figure."""
