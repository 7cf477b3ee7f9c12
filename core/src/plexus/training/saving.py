"""From a finished training to a bundle and a report."""

import dataclasses
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import keras

from plexus.bundle import keras_file, onnx_file
from plexus.data.examples import is_out_of_fold, split_counts
from plexus.data.number_format import has_decimal_comma
from plexus.errors import InputError
from plexus.inference.bundle_format import MANIFEST, MODEL_CARD
from plexus.inference.codec_reading import check_codec_state
from plexus.inference.manifest import write_manifest
from plexus.inference.onnx import OnnxPredictor
from plexus.inference.predictor import NETWORK
from plexus.report.learning_curves import FILE_NAME, draw_learning_curves
from plexus.report.model_card import full_card
from plexus.report.page import write_page
from plexus.runtime.backend import versions
from plexus.tasks.abilities import Calibrated, DescribesTraining, Reporting, SelectsNetworks
from plexus.training.complexity import complexity
from plexus.training.export import export_onnx, save_keras
from plexus.training.initial_bundle import read_origin
from plexus.utils.files import new_folder, writing_to
from plexus.utils.messages import note
from plexus.utils.user_settings import without_data_folder

if TYPE_CHECKING:
    from plexus.codec import Codec, JsonObject
    from plexus.inference.predictor import Predictor
    from plexus.run import Run
    from plexus.training.session import TrainingSession


def write_bundle(session: "TrainingSession") -> dict[str, float]:
    """Export the networks, calibrate, evaluate once on the test split, and write bundle and report.

    Calibration and metrics are computed with the ONNX networks, which also predict.

    Args:
        session: The finished training.

    Returns:
        The metrics on the test split.
    """
    task, run, dataset = session.task, session.run, session.parts.dataset
    with writing_to(run.out), new_folder(run.out) as folder:
        codec = _select_networks(session)
        predictor = _export(session, folder)
        if isinstance(task, Calibrated):
            codec = task.calibrate(predictor, dataset, codec)
        metrics = _finite(task.evaluate(predictor, dataset, codec, "test"), task.metric.name)
        manifest = _manifest(session, codec, metrics)
        card = full_card(manifest, task, predictor, dataset, codec)
        (folder / MODEL_CARD).write_text(card, encoding="utf-8")
        check_codec_state(task.codec, manifest["codec"], folder / MANIFEST)
        write_manifest(folder, manifest)
        _report(session, codec, predictor)
        training_note = task.training_note(codec) if isinstance(task, DescribesTraining) else ""
        write_page(task, run.folder, session.state, manifest, training_note)
    if run.epochs:
        session.callbacks.bundle_written(run.out, metrics)
    return metrics


def _finite(metrics: dict[str, float], ranking: str) -> dict[str, float]:
    """Leave out the metrics that the test split does not define, such as the precision of a class without examples."""
    undefined = [name for name, value in metrics.items() if not math.isfinite(value)]
    if ranking in undefined:
        raise InputError(
            f"{ranking}, which ranks models, is {metrics[ranking]} on the test split: the data has too few examples "
            "for it, or the training has diverged; use more data, or a lower --learning-rate"
        )
    if undefined:
        note(f"the test split does not define {', '.join(undefined)}: left out of the bundle")
    return {name: value for name, value in metrics.items() if name not in undefined}


def _select_networks(session: "TrainingSession") -> "Codec":
    """Let the task select among the networks that were trained; return the codec to go with them."""
    task, parts = session.task, session.parts
    if not isinstance(task, SelectsNetworks):
        return parts.codec
    codec: Codec
    networks, codec = task.select_networks(session.networks, session.predictor, parts.dataset, parts.codec)
    session.networks = dict(networks)
    exported = complexity(session.networks[NETWORK], None, 1)  # of the model, not of all that was trained
    session.complexity = dataclasses.replace(session.complexity, parameters=exported.parameters, flops=exported.flops)
    return codec


def _export(session: "TrainingSession", folder: Path) -> OnnxPredictor:
    for name, network in session.networks.items():
        saved = folder / keras_file(name)
        save_keras(network, saved)
        export_onnx(saved, folder / onnx_file(name), session.task.package)
        if not network.trainable_variables:
            saved.unlink()  # there is nothing to fine-tune, and the file would double the size of the bundle
    return OnnxPredictor({name: folder / onnx_file(name) for name in session.networks})


def _manifest(session: "TrainingSession", codec: "Codec", metrics: dict[str, float]) -> "JsonObject":
    task, run, dataset = session.task, session.run, session.parts.dataset
    evaluated = session.state.evaluated(task.metric.name)
    return {
        "task": task.id,
        "summary": task.context.summary,
        "plugin": dict(task.context.plugin),
        "networks": sorted(session.networks),
        "codec": json.loads(json.dumps(codec.to_json())),  # as it will be read: tuples are lists
        "options": run.options.model_dump(),
        "score": task.metric.name,
        "protocol": dataset.evaluation_protocol or task.evaluation_protocol,
        "keeps_best": task.restore_best_weights and len(evaluated) > 1,
        "baseline": task.metric.baseline,
        "scores": metrics,
        "data": {
            "name": run.options.data,
            "fingerprint": dataset.fingerprint,
            "licence": dataset.licence,
            "examples": split_counts(dataset),
            "findings": [without_data_folder(line) for line in dataset.findings.lines()],
            "decimal_comma": has_decimal_comma(),
        },
        **_origin(run),
        "epochs": session.state.epoch,
        **dataclasses.asdict(session.complexity),
        "devices": session.placement.description,
        "versions": versions(keras.backend.backend()),
    }


def _origin(run: "Run") -> "JsonObject":
    """Return where the initial weights are from, as `initial`; nothing for random ones."""
    origin = read_origin(run)
    return {} if origin is None else {"initial": origin}


def _report(session: "TrainingSession", codec: "Codec", predictor: "Predictor") -> None:
    folder = session.run.folder / "report"
    folder.mkdir(exist_ok=True)
    if session.state.history:
        validation = "out of fold" if is_out_of_fold(session.parts.dataset) else "validation split"
        draw_learning_curves(session.state.history, session.task, folder / FILE_NAME, validation)
    if isinstance(session.task, Reporting):
        session.task.report(predictor, session.parts.dataset, codec, folder)
