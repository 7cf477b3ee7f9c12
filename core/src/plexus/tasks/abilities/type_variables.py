"""Type variables of the protocols: what a task takes is contravariant."""

from typing import TypeVar

DatasetT = TypeVar("DatasetT", contravariant=True)
CodecT = TypeVar("CodecT")
CodecInT = TypeVar("CodecInT", contravariant=True)
StateT = TypeVar("StateT")
OptionsT = TypeVar("OptionsT", contravariant=True)
