"""What rows about the evaluator share: tables, an order and its answer, other programs beside it, in turns."""
