"""Registration of the apps."""

from plexus import Entry, hookimpl


@hookimpl
def register_apps() -> list[Entry]:
    """Return the apps.

    Returns:
        One entry per app.
    """
    return [
        Entry(
            "image-recognition",
            "Classify images and see where the network looked",
            "plexus_apps.image_recognition.app:ImageRecognition",
        ),
        Entry(
            "object-finder",
            "Find and count objects in images and videos, and train on your own boxes",
            "plexus_apps.object_finder.app:ObjectFinder",
        ),
        Entry(
            "voice-commands",
            "Recognize spoken words and when they occur",
            "plexus_apps.voice_commands.app:VoiceCommands",
        ),
        Entry(
            "fraud-monitor",
            "Monitor a stream of transactions: fraud alerts with their reasons",
            "plexus_apps.fraud_monitor.app:FraudMonitor",
        ),
        Entry(
            "sentiment-desk",
            "Classify the sentiment of reviews and see the contribution of each word",
            "plexus_apps.sentiment_desk.app:SentimentDesk",
        ),
        Entry(
            "translator",
            "Translate texts and files: alternatives, confidence, alignment, glossary",
            "plexus_apps.translator.app:Translator",
        ),
        Entry(
            "cluster-explorer",
            "Find clusters in unlabelled data",
            "plexus_apps.cluster_explorer.app:ClusterExplorer",
        ),
        Entry(
            "game-room",
            "Watch a trained agent play, or take the controls",
            "plexus_apps.game_room.app:GameRoom",
        ),
        Entry(
            "board-room",
            "Play a board game against a trained network, and see its search",
            "plexus_apps.board_room.app:BoardRoom",
        ),
        Entry(
            "risk-desk",
            "Predict credit risk or a diagnosis from a form: reasons, and what would change it",
            "plexus_apps.risk_desk.app:RiskDesk",
        ),
        Entry(
            "face-desk",
            "Compare faces, enrol persons who agreed to it, and find them in photos",
            "plexus_apps.face_desk.app:FaceDesk",
        ),
        Entry(
            "xray-reader",
            "Classify a medical image, and see what the answer means at your prevalence",
            "plexus_apps.xray_reader.app:XrayReader",
            title="X-ray reader",
        ),
    ]
