"""The apps' table of contents."""

from plexus import Entry, hookimpl


@hookimpl
def register_apps() -> list[Entry]:
    """What people can run."""
    return [
        Entry(
            "image-recognition",
            "Tells what pictures show, and where it looked",
            "plexus_apps.image_recognition.app:ImageRecognition",
        ),
        Entry("voice-commands", "Hears which words are said, and when", "plexus_apps.voice_commands.app:VoiceCommands"),
        Entry(
            "fraud-monitor",
            "Watches transactions arrive, and says which to look at and why",
            "plexus_apps.fraud_monitor.app:FraudMonitor",
        ),
        Entry(
            "sentiment-desk",
            "Tells what reviews feel, and each word's push",
            "plexus_apps.sentiment_desk.app:SentimentDesk",
        ),
        Entry(
            "cluster-explorer",
            "Finds the groups in data that nobody labelled",
            "plexus_apps.cluster_explorer.app:ClusterExplorer",
        ),
        Entry(
            "game-room",
            "An agent that learned by playing, to watch and to take over",
            "plexus_apps.game_room.app:GameRoom",
        ),
    ]
