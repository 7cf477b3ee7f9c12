"""Watch a trained policy play, or take the controls."""
