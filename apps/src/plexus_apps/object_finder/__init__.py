"""Object detection in images and videos."""
