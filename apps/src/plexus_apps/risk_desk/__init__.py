"""The app `risk-desk`."""
