"""The app `sentiment-desk`."""
