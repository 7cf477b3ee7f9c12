"""The parts that diagnosis and credit risk share: the probability of an event, and a threshold."""
