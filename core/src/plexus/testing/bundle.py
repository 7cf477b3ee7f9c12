"""What a bundle owes."""

import json
import subprocess
import sys

from plexus.bundle import Bundle

_EVALUATED = """
import json, sys
import plexus
scores = plexus.load({folder!r}).evaluate()["scores"]
print(json.dumps([scores, sorted({{"jax", "keras", "tensorflow", "torch"}} & set(sys.modules))]))
"""


def check_bundle(bundle: Bundle) -> None:
    """It is the same in another process, which no training framework slows down, and beats the trivial baseline.

    Raises:
        AssertionError: it does not.
    """
    state = bundle.codec.to_json()
    again = type(bundle.codec).from_json(json.loads(json.dumps(state)))
    assert again.to_json() == state, "the codec is not the same after a way through JSON"  # noqa: S101
    code = _EVALUATED.format(folder=str(bundle.folder.resolve()))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, f"evaluate fails in another process: {done.stderr}"  # noqa: S101
    scores, heavy = json.loads(done.stdout.splitlines()[-1])
    assert not heavy, f"evaluate imports {', '.join(heavy)}"  # noqa: S101
    assert scores == bundle.metrics, "evaluate gives other scores than train"  # noqa: S101
    _check_score(bundle)


def _check_score(bundle: Bundle) -> None:
    score, scores = bundle.task.metric, bundle.metrics
    assert score.name in scores, f"measure does not give {score.name!r}"  # noqa: S101
    if score.baseline:
        beaten = score.is_better(scores[score.name], scores[score.baseline])
        assert beaten, f"{score.name} {scores[score.name]} does not beat {score.baseline}"  # noqa: S101
