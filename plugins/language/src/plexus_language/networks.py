"""The pre-norm Transformer (Vaswani et al. 2017; Xiong et al. 2020, arXiv:2002.04745), and its parts for prediction.

The bundle has two networks. Token ids are int32, everything else float32; padding is token 0. `n` sentences, `b`
hypotheses of each, `s` source tokens, `t` target tokens so far; all four may be any number from 1, `t` from 0.

| network | input | shape |
|---|---|---|
| `encoder` | `source` | `(n, s)`: direction tag, tokens, end, padding |
| `decoder` | `source` | `(n, s)`, as above, for the mask of the padding |
| | `cross_keys`, `cross_values` | outputs of the encoder |
| | `token` | `(n, b)`: the last token of each hypothesis, at first the token of the beginning |
| | `keys`, `values` | `(n, b, layers, heads, t, size)`: caches of the tokens before |

| network | output | shape |
|---|---|---|
| `encoder` | `cross_keys`, `cross_values` | `(n, layers, heads, s, size)`: of the decoder's attention to the source |
| `decoder` | `log_probabilities` | `(n, b, tokens)`: of the next token |
| | `attention` | `(n, b, s)`: the last layer's attention to the source, the mean of its heads; rows sum to 1 |
| | `new_keys`, `new_values` | `(n, b, layers, heads, t + 1, size)`: the caches with this token |

An output of an ONNX network cannot have the name of an input, therefore `new_`.

The training graph, which has the same layers, is `{"source": (n, s), "target": (n, t)} -> {"logits": (n, t, tokens)}`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
from keras import layers, ops

from plexus.nets.attention import DotProductAttention, SinusoidalPositions, SplitHeads

if TYPE_CHECKING:
    from collections.abc import Callable

EPSILON = 1e-5
"""Added to the variance of layer normalization."""


@dataclass(frozen=True)
class Architecture:
    """Sizes of a Transformer.

    Args:
        tokens: Size of the vocabulary.
        width: Features of a token; `heads` divides it.
        heads: Attention heads.
        hidden: Units of the feed-forward blocks.
        encoder_layers: Layers of the encoder.
        decoder_layers: Layers of the decoder.
        dropout: Dropout rate.

    Example:
        ```python
        build_network(Architecture(tokens=6000, width=256, heads=4, hidden=1024, encoder_layers=5, decoder_layers=2))
        ```
    """

    tokens: int
    width: int
    heads: int
    hidden: int
    encoder_layers: int
    decoder_layers: int
    dropout: float = 0.0


def build_network(architecture: Architecture) -> keras.Model:
    """Build the training graph.

    Args:
        architecture: The sizes.

    Returns:
        A network from `source` and `target` to `logits`, see above.
    """
    return _Builder(architecture, {}).training()


def export_networks(network: keras.Model, architecture: Architecture) -> dict[str, keras.Model]:
    """Return the networks of the bundle, which share the weights of the training graph.

    Args:
        network: The result of `build_network`.
        architecture: Its sizes.

    Returns:
        `encoder` and `decoder`, see above.
    """
    builder = _Builder(architecture, {layer.name: layer for layer in network.layers})
    return {"encoder": builder.encoder(), "decoder": builder.decoder()}


class _Builder:
    """Builds the networks from layers that they share by name.

    Args:
        architecture: The sizes.
        shared: Layers by name, to which those that are missing are added.
    """

    def __init__(self, architecture: Architecture, shared: dict[str, layers.Layer]) -> None:
        self.sizes, self.shared = architecture, shared
        self.size = architecture.width // architecture.heads

    def training(self) -> keras.Model:
        source, target = (
            keras.Input((None,), name="source", dtype="int32"),
            keras.Input((None,), name="target", dtype="int32"),
        )
        is_source, memory = self._encode(source)
        x = self._dropout(SinusoidalPositions()(self._embed(target)))
        for name in self._decoder_names():
            h = self._norm(f"{name}_self", x)
            queries, keys, values = (self._project(f"{name}_self_{part}", h) for part in ("query", "key", "value"))
            context = DotProductAttention(causal=True)(queries, keys, values)
            x = self._add(x, self._dense(f"{name}_self_output", context))
            keys, values = (self._project(f"{name}_cross_{part}", memory) for part in ("key", "value"))
            context, _ = self._cross(name, x, keys, values, is_source)
            x = self._feed_forward(name, self._add(x, context))
        logits = self._embedding()(self._norm("decoder", x), reverse=True)
        return keras.Model({"source": source, "target": target}, {"logits": logits})

    def encoder(self) -> keras.Model:
        source = keras.Input((None,), name="source", dtype="int32")
        _, memory = self._encode(source)
        outputs = {
            f"cross_{part}s": ops.stack(
                [self._project(f"{name}_cross_{part}", memory) for name in self._decoder_names()], axis=1
            )
            for part in ("key", "value")
        }
        return keras.Model({"source": source}, outputs, name="encoder")

    def decoder(self) -> keras.Model:
        sizes = self.sizes
        source = keras.Input((None,), name="source", dtype="int32")
        token = keras.Input((None,), name="token", dtype="int32")
        cross = {
            name: keras.Input((sizes.decoder_layers, sizes.heads, None, self.size), name=name)
            for name in ("cross_keys", "cross_values")
        }
        caches = {
            name: keras.Input((None, sizes.decoder_layers, sizes.heads, None, self.size), name=name)
            for name in ("keys", "values")
        }
        is_source = ops.not_equal(source, 0)
        x = SinusoidalPositions()(self._embed(token), past=caches["keys"])
        new: dict[str, list[keras.KerasTensor]] = {"keys": [], "values": []}
        attention = None
        for number, name in enumerate(self._decoder_names()):
            h = ops.expand_dims(self._norm(f"{name}_self", x), 2)
            queries = self._project(f"{name}_self_query", h)
            for part in ("key", "value"):
                step = self._project(f"{name}_self_{part}", h)
                new[f"{part}s"].append(ops.concatenate([caches[f"{part}s"][:, :, number], step], axis=-2))
            context = DotProductAttention()(queries, new["keys"][-1], new["values"][-1])
            x = self._add(x, ops.squeeze(self._dense(f"{name}_self_output", context), 2))
            context, attention = self._cross(
                name, x, cross["cross_keys"][:, number], cross["cross_values"][:, number], is_source
            )
            x = self._feed_forward(name, self._add(x, context))
        logits = self._embedding()(self._norm("decoder", x), reverse=True)
        outputs = {f"new_{name}": ops.stack(parts, axis=2) for name, parts in new.items()}
        outputs |= {"log_probabilities": ops.log_softmax(ops.cast(logits, "float32"), axis=-1), "attention": attention}
        return keras.Model({"source": source, "token": token, **cross, **caches}, outputs, name="decoder")

    def _encode(self, source: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        is_source = ops.not_equal(source, 0)
        x = self._dropout(SinusoidalPositions()(self._embed(source)))
        for number in range(self.sizes.encoder_layers):
            name = f"encoder_{number}"
            h = self._norm(f"{name}_self", x)
            queries, keys, values = (self._project(f"{name}_self_{part}", h) for part in ("query", "key", "value"))
            context = DotProductAttention()(queries, keys, values, is_source)
            x = self._feed_forward(name, self._add(x, self._dense(f"{name}_self_output", context)))
        return is_source, self._norm("encoder", x)

    def _cross(
        self,
        name: str,
        x: keras.KerasTensor,
        keys: keras.KerasTensor,
        values: keras.KerasTensor,
        is_source: keras.KerasTensor,
    ) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        """Return the attention to the source: its output and its weights."""
        queries = self._project(f"{name}_cross_query", self._norm(f"{name}_cross", x))
        context, weights = DotProductAttention(return_weights=True)(queries, keys, values, is_source)
        return self._dense(f"{name}_cross_output", context), weights

    def _feed_forward(self, name: str, x: keras.KerasTensor) -> keras.KerasTensor:
        h = self._norm(f"{name}_feed", x)
        h = self._dense(f"{name}_feed_in", h, self.sizes.hidden, "relu")
        return self._add(x, self._dense(f"{name}_feed_out", h))

    def _project(self, name: str, x: keras.KerasTensor) -> keras.KerasTensor:
        return SplitHeads(self.sizes.heads)(self._dense(name, x))

    def _embed(self, tokens: keras.KerasTensor) -> keras.KerasTensor:
        return self._embedding()(tokens) * self.sizes.width**0.5

    def _embedding(self) -> layers.Layer:
        initializer = keras.initializers.RandomNormal(stddev=self.sizes.width**-0.5)
        return self._layer(
            "embedding",
            lambda name: layers.ReversibleEmbedding(
                self.sizes.tokens, self.sizes.width, embeddings_initializer=initializer, name=name
            ),
        )

    def _dense(
        self, name: str, x: keras.KerasTensor, units: int | None = None, activation: str | None = None
    ) -> keras.KerasTensor:
        return self._layer(name, lambda name: layers.Dense(units or self.sizes.width, activation, name=name))(x)

    def _norm(self, name: str, x: keras.KerasTensor) -> keras.KerasTensor:
        return self._layer(f"{name}_norm", lambda name: layers.LayerNormalization(epsilon=EPSILON, name=name))(x)

    def _add(self, x: keras.KerasTensor, y: keras.KerasTensor) -> keras.KerasTensor:
        return layers.Add()([x, self._dropout(y)])

    def _dropout(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return layers.Dropout(self.sizes.dropout)(x) if self.sizes.dropout else x

    def _layer(self, name: str, make: "Callable[[str], layers.Layer]") -> layers.Layer:
        if name not in self.shared:
            self.shared[name] = make(name)
        return self.shared[name]

    def _decoder_names(self) -> list[str]:
        return [f"decoder_{number}" for number in range(self.sizes.decoder_layers)]
