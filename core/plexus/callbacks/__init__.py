"""What happens beside a training: one callback a file."""
