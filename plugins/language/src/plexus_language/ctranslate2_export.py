"""Export of translation models to CTranslate2, whose engine in C++ computes them without Python's overhead."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import Bundle, InputError
from plexus_language.codec import BEGIN, END, UNKNOWN, TranslationCodec

if TYPE_CHECKING:
    import keras

MAX_POSITIONS = 1024
"""Longest sentence in tokens: CTranslate2 stores the encodings of positions."""
MAX_WAVELENGTH = 10_000


def export_ctranslate2(bundle: Bundle, folder: Path) -> None:
    """Write a model as CTranslate2 loads it: `ctranslate2.Translator(folder)`.

    Its sources are the tokens of `TranslationCodec.encode_source`, as texts of the vocabulary.

    Args:
        bundle: A bundle with Keras files.
        folder: Folder to write; it must not exist.

    Raises:
        InputError: If CTranslate2 is not installed, or the bundle has no Keras files.
    """
    try:
        from ctranslate2.specs import common_spec, transformer_spec
    except ImportError as error:
        raise InputError(f"the format ctranslate2 needs a library: pip install ctranslate2 ({error})") from error
    from plexus.training.export import load_network

    files = [bundle.folder / f"{name}.keras" for name in ("encoder", "decoder")]
    if missing := next((file for file in files if not file.exists()), None):
        raise InputError(f"{missing} does not exist: the bundle has only ONNX networks, which cannot be converted")
    codec = bundle.codec
    if not isinstance(codec, TranslationCodec):
        raise InputError(f"{bundle.folder}: expected a bundle of language.translate")
    layers: dict[str, keras.layers.Layer] = {}
    for file in files:
        layers |= {layer.name: layer for layer in load_network(file, "plexus_language").layers}
    options = bundle.manifest["options"]
    sizes = (options["encoder_layers"], options["decoder_layers"])
    heads = bundle.predictor.signature("decoder")[0]
    count = next(tensor.shape[3] for tensor in heads if tensor.name == "keys")
    spec = transformer_spec.TransformerSpec.from_config(
        sizes, count, pre_norm=True, activation=common_spec.Activation.RELU
    )
    _fill(spec, layers, codec)
    spec.validate()
    spec.optimize()
    folder.mkdir(parents=True)
    spec.save(str(folder))


def _fill(spec: Any, layers: "dict[str, keras.layers.Layer]", codec: TranslationCodec) -> None:
    """Copy the weights, the vocabulary and the special tokens."""
    table = np.asarray(layers["embedding"].get_weights()[0], np.float32)
    for side in (spec.encoder, spec.decoder):
        side.scale_embeddings = True
        side.position_encodings.encodings = _positions(table.shape[1])
    spec.encoder.embeddings[0].weight = spec.decoder.embeddings.weight = spec.decoder.projection.weight = table
    for name, side in (("encoder", spec.encoder), ("decoder", spec.decoder)):
        _copy_norm(side.layer_norm, layers[f"{name}_norm"])
        for number, layer in enumerate(side.layer):
            prefix = f"{name}_{number}"
            _copy_norm(layer.self_attention.layer_norm, layers[f"{prefix}_self_norm"])
            _copy_attention(layer.self_attention, layers, f"{prefix}_self", [["query", "key", "value"], ["output"]])
            if name == "decoder":
                _copy_norm(layer.attention.layer_norm, layers[f"{prefix}_cross_norm"])
                _copy_attention(layer.attention, layers, f"{prefix}_cross", [["query"], ["key", "value"], ["output"]])
            _copy_norm(layer.ffn.layer_norm, layers[f"{prefix}_feed_norm"])
            _copy_dense(layer.ffn.linear_0, [layers[f"{prefix}_feed_in"]])
            _copy_dense(layer.ffn.linear_1, [layers[f"{prefix}_feed_out"]])
    spec.register_source_vocabulary(codec.vocabulary)
    spec.register_target_vocabulary(codec.vocabulary)
    spec.config.unk_token, spec.config.eos_token = codec.vocabulary[UNKNOWN], codec.vocabulary[END]
    spec.config.bos_token = spec.config.decoder_start_token = codec.vocabulary[BEGIN]
    spec.config.add_source_bos = spec.config.add_source_eos = False
    spec.config.layer_norm_epsilon = float(layers["encoder_norm"].epsilon)


def _copy_norm(spec: Any, layer: Any) -> None:
    spec.gamma, spec.beta = (np.asarray(weight, np.float32) for weight in (layer.gamma, layer.beta))


def _copy_attention(spec: Any, layers: "dict[str, Any]", prefix: str, groups: list[list[str]]) -> None:
    for linear, group in zip(spec.linear, groups, strict=True):
        _copy_dense(linear, [layers[f"{prefix}_{part}"] for part in group])


def _copy_dense(spec: Any, layers: list[Any]) -> None:
    """Copy dense layers of the same input as one."""
    weights = [[np.asarray(weight, np.float32) for weight in layer.get_weights()] for layer in layers]
    spec.weight = np.concatenate([kernel.T for kernel, _ in weights])
    spec.bias = np.concatenate([bias for _, bias in weights])


def _positions(features: int) -> np.ndarray:
    """Return the encodings of `plexus.nets.attention.SinusoidalPositions`."""
    exponents = np.arange(features // 2, dtype=np.float32) * (2 / features)
    angles = np.arange(MAX_POSITIONS, dtype=np.float32)[:, None] * np.exp(exponents * -np.log(MAX_WAVELENGTH))
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)
