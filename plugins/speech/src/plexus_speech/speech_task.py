"""The base class of the speech tasks."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, cast

from plexus import Examples, Findings, OptionGroup, SupervisedDataset, Task
from plexus.codec import Input
from plexus.data.audio import RECORDINGS
from plexus.data.example_view import ExampleView
from plexus.task import CodecT, DatasetT, OptionsT, TrainedModel
from plexus.tasks.file_inputs import FileInputs
from plexus.tasks.supervised_examples import SupervisedExamples
from plexus_speech.audio import recording_name
from plexus_speech.microphone import record
from plexus_speech.options import MicrophoneOptions, SpeechOptions
from plexus_speech.recordings import Recordings
from plexus_speech.speech_codec import SpeechCodec
from plexus_speech.synthetic_voices import add_synthetic_voices

if TYPE_CHECKING:
    from plexus import Predictor

PRETRAINED_SECTION = [
    "## Pretrained weights",
    "",
    "The first layers are the speech embedding of Lin et al. 2020 (arXiv:2002.01322): weights by Google",
    "(`google/speech_embedding/1` of TensorFlow Hub), under the Apache License 2.0. Changes: batch normalization is",
    "folded into the convolutions, and the weights are rounded to float16. This training did not change them.",
]


class SpeechTask(FileInputs, SupervisedExamples, Task[DatasetT, CodecT, OptionsT], Generic[DatasetT, CodecT, OptionsT]):
    """A task whose raw inputs are recordings: files, bytes of a request, or the microphone.

    Example:
        ```python
        class LanguageIdentification(SpeechTask[LanguageDataset, LanguageCodec, LanguageOptions]): ...
        ```
    """

    predict_options = MicrophoneOptions
    # Validation splits are small, and often have the speakers of the training split: their best epoch is chance.
    restore_best_weights = False
    file_kind = RECORDINGS
    request_description = "the bytes of a recording, as a file"
    explanation_suffix = ".png"
    pseudoword_share: ClassVar[float] = 0.0
    """Recordings of pseudowords by synthetic voices, relative to those of the texts."""

    def stage_dataset(self, dataset: DatasetT, models: Mapping[str, TrainedModel], options: OptionsT) -> DatasetT:
        """Add recordings by synthetic voices to the training split, if the option `voices` says so.

        Args:
            dataset: The result of `load_dataset`.
            models: Not used.
            options: The options of the training.

        Returns:
            The dataset to learn from. Its findings count the recordings that were added.

        Raises:
            InputError: If eSpeak NG is not installed, fails, or has no such language.
        """
        recordings = cast("SupervisedDataset[Recordings]", dataset)
        findings = Findings()
        findings.extend(recordings.findings)
        before, speech_options = recordings["train"], cast("SpeechOptions", options)
        texts = self.texts_to_speak(before)
        train = add_synthetic_voices(before, texts, speech_options, findings, self.pseudoword_share)
        if train is before:
            return dataset
        training_dataset = recordings.replace_train(train)
        training_dataset.findings = findings
        return cast("DatasetT", training_dataset)

    def texts_to_speak(self, train: Recordings) -> list[str]:
        """Return the texts that synthetic voices may speak.

        Args:
            train: The training split.

        Returns:
            The different targets.
        """
        return sorted(set(train.targets))

    def default_inputs(self, options: OptionGroup | None) -> Iterable[tuple[str, Input]]:
        """Record from the microphone.

        Args:
            options: `MicrophoneOptions`.

        Returns:
            A name and a recording.

        Raises:
            InputError: If no microphone is asked for, or none can be opened.
        """
        if isinstance(options, MicrophoneOptions) and options.microphone is not None:
            return [("microphone", record(options.microphone))]
        return super().default_inputs(options)

    def card_section(
        self, predictor: "Predictor", dataset: DatasetT, codec: CodecT, metrics: Mapping[str, float]
    ) -> list[str]:
        """Write the section of the model card about pretrained weights.

        Args:
            predictor: Not used.
            dataset: Not used.
            codec: The codec.
            metrics: Not used.

        Returns:
            Lines of Markdown; none for a network that was trained from random weights.
        """
        return PRETRAINED_SECTION if cast("SpeechCodec", codec).network == "embedding" else []

    def show_example(self, examples: Examples[Any], row: int) -> ExampleView:
        """Return the view of a recording as the model gets it: without the silence before and after the speech.

        Args:
            examples: `Recordings` of a split.
            row: Index of the recording.

        Returns:
            The view.
        """
        recordings = cast("Recordings", examples)
        name = Path(recording_name(recordings.inputs[row])).name
        return ExampleView("sound", recordings.waveforms[row], recordings.rate, name)
