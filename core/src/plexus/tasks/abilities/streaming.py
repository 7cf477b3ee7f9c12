"""The ability `Streaming` of a task."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT, StateT

if TYPE_CHECKING:
    from plexus.codec import Input
    from plexus.inference.predictor import Predictor
    from plexus.prediction import Prediction


@runtime_checkable
class Streaming(Protocol[CodecInT, StateT]):
    """A task whose predictions depend on earlier inputs: the history of a customer.

    The state is an object of its own: neither the codec nor the bundle changes with a prediction.

    Example:
        ```python
        state = task.initial_state(bundle.codec)
        bundle.predict(transactions, state=state)
        task.save_state(state, Path("customers.npz"))
        ```
    """

    def initial_state(self, codec: CodecInT) -> StateT:
        """Return the state after training.

        Args:
            codec: The codec.

        Returns:
            A new state, which the caller owns.
        """
        ...

    def predict_stream(
        self, predictor: "Predictor", codec: CodecInT, inputs: "Sequence[Input]", state: StateT
    ) -> "Sequence[Prediction]":
        """Predict for inputs that follow those in the state, and add them to it.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Raw inputs in the order of time.
            state: The state, which is updated.

        Returns:
            One prediction per input.
        """
        ...

    def load_state(self, path: Path) -> StateT:
        """Read a state that `save_state` wrote.

        Args:
            path: The file.

        Returns:
            The state.

        Raises:
            InputError: If the file is not such a state.
        """
        ...

    def save_state(self, state: StateT, path: Path) -> None:
        """Write a state, whole or not at all.

        Args:
            state: The state.
            path: The file.
        """
        ...
