"""The model card: what anyone should know before using a bundle."""

from typing import Any

from plexus.options import Options
from plexus.report.intervals import figures, interval
from plexus.utils.formatting import short

_TEMPLATE = """\
# {title}

{summary}. A bundle of Plexus, task `{task}`.

## Scores on the test split

Measured once, after training, with the ONNX network of this bundle, {protocol} ({tested:,}).

| figure | value |
|---|---|
{scores}

Models are ranked by `{score}`.{baseline}

## Data and protocol

- Data: `{data}`; licence: {licence}.
- Examples: {examples}.
- Fingerprint: `{fingerprint}`.
{weights}{findings}
## Network

{cost}. Trained with {versions}.

## Limits

It answers for inputs like those it learned from. Other sources, other devices or another time may differ: measure
on your own data with `plexus evaluate`.

## Reproduce

```
{command}
```

The seed, every option and every version are in `bundle.json`; the same machine and versions give the same scores.
"""


def model_card(manifest: dict[str, Any], options: type[Options]) -> str:
    """The card's Markdown, from what `bundle.json` says."""
    data, scores = manifest["data"], manifest["scores"]
    tested = data["examples"]["test"]
    return _TEMPLATE.format(
        title=f"{manifest['task']} on {data['name']}",
        summary=manifest["summary"],
        task=manifest["task"],
        tested=tested,
        scores="\n".join(f"| `{name}` | {_figure(name, scores, tested)} |" for name in figures(scores)),
        score=manifest["score"],
        baseline=_baseline(manifest),
        data=data["name"],
        licence=data["licence"],
        examples=", ".join(f"{count:,} {split}" for split, count in data["examples"].items()),
        fingerprint=data["fingerprint"],
        protocol=manifest["protocol"],
        weights=_weights(manifest),
        findings="".join(f"- {line}\n" for line in data["findings"]),
        cost=_cost(manifest),
        versions=", ".join(f"{name} {version}" for name, version in manifest["versions"].items()),
        command=command(manifest, options),
    )


def _weights(manifest: dict[str, Any]) -> str:
    if not manifest["epochs"]:
        return "- The weights were computed, not trained.\n"
    if not manifest["keeps_best"]:
        return f"- The weights are those of the last of {manifest['epochs']} epochs.\n"
    return (
        f"- The weights are those of the epoch with the best `{manifest['score']}` on the validation split, "
        f"out of {manifest['epochs']}.\n"
    )


def _figure(name: str, scores: dict[str, float], examples: int) -> str:
    value = scores[name]
    between = interval(name, scores, examples)
    if between is None:
        return f"{value:.4f}"
    return f"{value:.4f} (95 % interval {between[0]:.4f} to {between[1]:.4f})"


def _baseline(manifest: dict[str, Any]) -> str:
    name = manifest["baseline"]
    return f" The trivial baseline, `{name}`, is {manifest['scores'][name]:.4f}." if name else ""


def _cost(manifest: dict[str, Any]) -> str:
    said = f"{manifest['parameters']:,} parameters"
    if "flops" in manifest:  # a bundle of version 0.1 does not say
        said += f", {short(manifest['flops'])}FLOPs a forward pass, about {short(manifest['memory'])}B in training"
    return said


def command(manifest: dict[str, Any], options_class: type[Options]) -> str:
    """What trains it again: the data, and the options that differ from the defaults, as flags."""
    fields = options_class.model_fields
    options = manifest["options"]
    changed = {name: value for name, value in options.items() if name == "data" or value != fields[name].default}
    return " ".join([f"plexus train {manifest['task']}", *(_flag(name, value) for name, value in changed.items())])


def _flag(name: str, value: Any) -> str:
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return f"--{flag}" if value else f"--no-{flag}"
    return f"--{flag} {value}"
