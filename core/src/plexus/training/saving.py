"""From a trained network to a bundle."""

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import keras

from plexus.bundle import FORMAT, KERAS, MANIFEST, NETWORK
from plexus.inference.onnx import Network
from plexus.plugins.registry import registry
from plexus.report.learning_curves import draw_curves
from plexus.report.model_card import model_card
from plexus.report.page import write_page
from plexus.runtime.backend import versions
from plexus.training.export import export_onnx, save_keras
from plexus.utils.files import new_folder, sha256, wanted_folder

if TYPE_CHECKING:
    from plexus.training.session import Session


def write_bundle(session: "Session") -> dict[str, float]:
    """Export the network, calibrate, measure once on the test split, and write bundle and report.

    Calibration and figures come from the ONNX network, the one that will answer.

    Returns:
        The scores on the test split.
    """
    task, run, source = session.task, session.run, session.source
    with wanted_folder(run.out), new_folder(run.out) as folder:
        save_keras(session.network, folder / KERAS)
        export_onnx(folder / KERAS, folder / NETWORK, task.package)
        answer = Network(folder / NETWORK)
        codec = task.calibrate(answer, source, session.codec)
        scores = task.measure(answer, source, codec, "test")
        manifest = _manifest(session, codec, scores)
        (folder / "README.md").write_text(model_card(manifest))
        manifest["files"] = {file.name: sha256(file) for file in sorted(folder.iterdir())}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
        _report(session, codec, answer)
        write_page(task, run, manifest)
    return scores


def _manifest(session: "Session", codec: Any, scores: dict[str, float]) -> dict[str, Any]:
    task, run, source = session.task, session.run, session.source
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
        **dataclasses.asdict(session.complexity),
        "devices": session.placement.words,
        "versions": versions(keras.backend.backend()),
    }


def _report(session: "Session", codec: Any, answer: Any) -> None:
    folder = session.run.folder / "report"
    folder.mkdir(exist_ok=True)
    if session.run.history:
        draw_curves(session.run.history, session.task, folder / "training.png")
    session.task.report(answer, session.source, codec, folder)
