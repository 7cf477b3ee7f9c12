"""Explanations of the predictions of tasks of tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from plexus.codec import Input, JsonObject
from plexus_tables.table_codec import TableCodec

if TYPE_CHECKING:
    from plexus import Predictor
    from plexus_tables.explain import Attribution

CodecT = TypeVar("CodecT", bound=TableCodec)


class TableExplanation(Generic[CodecT]):
    """Mixin of tasks of tables: the contributions of the columns to a prediction, as a figure and as numbers.

    Example:
        ```python
        bundle.explain_with_values({"duration_months": 48, "age": 60}, Path("row.png"))
        ```
    """

    explanation_suffix = ".png"

    def explain(self, predictor: "Predictor", codec: CodecT, raw_input: Input, path: Path) -> Path:
        """Draw which columns move the prediction away from that of a typical row.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The row.
            path: File to write.

        Returns:
            The file.
        """
        from plexus_tables.explain import compute_attribution, draw_attribution

        return draw_attribution(codec, raw_input, compute_attribution(predictor, codec, raw_input), path)

    def explanation_values(self, predictor: "Predictor", codec: CodecT, raw_input: Input) -> JsonObject:
        """Return by how much each column moves the prediction away from that of a typical row.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The row.

        Returns:
            As of `attribution_values`.
        """
        from plexus_tables.explain import compute_attribution

        return self.attribution_values(codec, raw_input, compute_attribution(predictor, codec, raw_input))

    def explain_with_values(self, predictor: "Predictor", codec: CodecT, raw_input: Input, path: Path) -> JsonObject:
        """Draw the contributions of the columns, and return them.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The row.
            path: File to write.

        Returns:
            As of `attribution_values`.
        """
        from plexus_tables.explain import compute_attribution, draw_attribution

        attribution = compute_attribution(predictor, codec, raw_input)
        draw_attribution(codec, raw_input, attribution, path)
        return self.attribution_values(codec, raw_input, attribution)

    def attribution_values(self, codec: CodecT, raw_input: Input, attribution: "Attribution") -> JsonObject:
        """Return the contributions of the columns as JSON types.

        Args:
            codec: The codec.
            raw_input: The row.
            attribution: The contributions of its columns.

        Returns:
            The result of `plexus_tables.explain.attribution_values`.
        """
        from plexus_tables.explain import attribution_values

        return attribution_values(codec, raw_input, attribution)
