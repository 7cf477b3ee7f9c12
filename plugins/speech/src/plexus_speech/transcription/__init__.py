"""Transcription of speech by connectionist temporal classification."""
