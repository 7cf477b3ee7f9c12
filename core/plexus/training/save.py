"""From a trained network to a bundle."""

import dataclasses
import json
from typing import Any

import keras

from plexus.backend import versions
from plexus.bundle import FORMAT, KERAS, MANIFEST, NETWORK
from plexus.files import new_folder, sha256, wanted_folder
from plexus.inference import Network
from plexus.registry import registry
from plexus.report.card import model_card
from plexus.report.curves import draw_curves
from plexus.run import Run
from plexus.task import Task
from plexus.training.complexity import Complexity
from plexus.training.export import export_onnx, save_keras


def write_bundle(
    task: Task, run: Run, source: Any, codec: Any, network: keras.Model, cost: Complexity
) -> dict[str, float]:
    """Export the network, calibrate, measure once on the test split, and write bundle and report.

    Calibration and figures come from the ONNX network, the one that will answer.

    Returns:
        The scores on the test split.
    """
    with wanted_folder(run.out), new_folder(run.out) as folder:
        save_keras(network, folder / KERAS)
        export_onnx(folder / KERAS, folder / NETWORK, task.package)
        answer = Network(folder / NETWORK)
        codec = task.calibrate(answer, source, codec)
        scores = task.measure(answer, source, codec, "test")
        manifest = _manifest(task, run, source, codec, scores) | dataclasses.asdict(cost)
        (folder / "README.md").write_text(model_card(manifest))
        manifest["files"] = {file.name: sha256(file) for file in sorted(folder.iterdir())}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
        _report(task, run, source, codec, answer)
    return scores


def _manifest(task: Task, run: Run, source: Any, codec: Any, scores: dict[str, float]) -> dict[str, Any]:
    plugin = registry().owner("tasks", task.id)
    return {
        "format": FORMAT,
        "task": task.id,
        "summary": registry().entries("tasks")[task.id].summary,
        "plugin": {"name": plugin.name, "distribution": plugin.distribution, "version": plugin.version},
        "codec": codec.to_json(),
        "options": run.options.model_dump(),
        "score": task.score.name,
        "protocol": getattr(source, "protocol", None) or task.protocol,
        "keeps_best": task.keeps_best,
        "baseline": task.score.baseline,
        "scores": scores,
        "data": {
            "name": run.options.data,
            "fingerprint": source.fingerprint,
            "licence": source.licence,
            "examples": {split: source.count(split) for split in ("train", "val", "test")},
            "findings": source.findings.lines(),
        },
        "epochs": run.epoch,
        "versions": versions(keras.backend.backend()),
    }


def _report(task: Task, run: Run, source: Any, codec: Any, answer: Any) -> None:
    folder = run.folder / "report"
    folder.mkdir(exist_ok=True)
    if run.history:
        draw_curves(run.history, task, folder / "training.png")
    task.report(answer, source, codec, folder)
