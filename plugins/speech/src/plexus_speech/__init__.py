"""Speech recognition: spoken commands and transcription."""
