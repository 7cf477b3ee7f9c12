"""Cancellation of an inference from another thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnxruntime


class InferenceCancelledError(Exception):
    """The inference was cancelled: its request timed out, or its client closed the connection.

    Example:
        ```python
        raise InferenceCancelledError
        ```
    """


class Cancellation:
    """Ends an inference that runs in another thread.

    A network ends within an operation of its graph, also in a loop without an end: ONNX Runtime checks its terminate
    flag. Code in Python ends where it calls `check`, which the predictor does before each batch.

    Attributes:
        frees_memory: Whether ONNX Runtime returns the memory of each run to the allocator; it takes time.
        abandoned: Whether the inference did not end after it was cancelled, so that nothing may wait for it.

    Example:
        ```python
        cancellation = Cancellation()
        threading.Timer(30, cancellation.cancel).start()
        bundle.predict(images, cancellation=cancellation)
        ```
    """

    def __init__(self) -> None:
        self._cancelled = self.frees_memory = self.abandoned = False
        self._runs: set[onnxruntime.RunOptions] = set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled

    def cancel(self) -> None:
        """End the inference; may be called from any thread, more than once."""
        self._cancelled = True
        for run in tuple(self._runs):
            run.terminate = True

    def check(self) -> None:
        """Raise an error if the inference is cancelled.

        Raises:
            InferenceCancelledError: If `cancel` was called.
        """
        if self._cancelled:
            raise InferenceCancelledError

    @contextmanager
    def run_options(self) -> Iterator["onnxruntime.RunOptions"]:
        """Provide options for one run of ONNX Runtime, which ends when `cancel` is called.

        Yields:
            The options.

        Raises:
            InferenceCancelledError: If `cancel` was called, before or during the run.
        """
        import onnxruntime

        options = onnxruntime.RunOptions()
        if self.frees_memory:
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self._runs.add(options)
        try:
            self.check()  # after it is added: a call of `cancel` in between ends the run
            yield options
        except Exception:  # of any class: ONNX Runtime has its own errors for a run that was terminated
            self.check()
            raise
        finally:
            self._runs.discard(options)
