"""From a trained network to a bundle."""

import json
from pathlib import Path
from typing import Any

from plexus.bundle import FORMAT, KERAS, MANIFEST, NETWORK
from plexus.device import versions
from plexus.files import new_folder, sha256, wanted_folder
from plexus.inference import open_session
from plexus.registry import registry
from plexus.report.card import model_card
from plexus.report.curves import draw_curves
from plexus.training.export import export_onnx
from plexus.training.session import Session


def save_bundle(session: Session) -> None:
    """Export the network, calibrate, measure once on the test split, and write bundle and report.

    Calibration and figures come from the ONNX network, the one that will answer.
    """
    task, run, source = session.task, session.run, session.source
    with wanted_folder(run.out), new_folder(run.out) as folder:
        export_onnx(session.network, folder / NETWORK)
        session.network.save(folder / KERAS)
        answer = open_session(folder / NETWORK)
        codec = task.calibrate(answer, source, session.codec)
        scores = task.measure(answer, source, codec, "test")
        manifest = _manifest(session, codec, scores)
        (folder / "README.md").write_text(model_card(manifest))
        manifest["files"] = {file.name: sha256(file) for file in sorted(folder.iterdir())}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
        _report(session, answer, codec, run.folder / "report")


def _manifest(session: Session, codec: Any, scores: dict[str, float]) -> dict[str, Any]:
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
        "parameters": session.network.count_params(),
        "versions": versions(),
    }


def _report(session: Session, answer: Any, codec: Any, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    draw_curves(session.run.history, session.task.score, folder / "training.png")
    session.task.report(answer, session.source, codec, folder)
