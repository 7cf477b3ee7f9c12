"""Reinforcement learning in Gymnasium environments."""
