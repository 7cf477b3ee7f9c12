"""Object detection: the task `vision.detect`."""
