"""Model cards."""

import shlex
from typing import TYPE_CHECKING

from plexus.inference.bundle_format import ROUNDED_FORMATS
from plexus.report.intervals import confidence_interval, metric_names
from plexus.tasks.abilities import DescribesModels
from plexus.utils.formatting import number, short
from plexus.utils.option_names import flag_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plexus.codec import Codec, JsonObject
    from plexus.dataset import Dataset
    from plexus.inference.predictor import Predictor
    from plexus.metric import Metric
    from plexus.options import Options
    from plexus.task import AnyTask

STORED_NOTES = {
    "float16": "\n\nThe weights are stored as float16, and there are no Keras files.",
    "int8": "\n\nKernels are stored as int8, other weights as float16, and there are no Keras files.",
}
EXPORT_COMMAND = " --out trained\nplexus export trained --format {0} --out {0}"
_TEMPLATE = """\
# {title}

{summary}. A bundle of Plexus, task `{task}`.

## Metrics on the test split

Computed once, after training, with the ONNX networks of this bundle, {protocol} ({tested:,}).

| metric | key | value | better |
|---|---|---|---|
{metrics}

Models are ranked by the {score}.{baseline}

## Data and protocol

- Data: `{data}`; licence: {licence}.
- Examples: {examples}.
- Fingerprint: `{fingerprint}`.
{initial}{weights}{findings}
## Network

{cost}. Trained with {versions}.{stored}

## Limitations

The model predicts for inputs like its training data. Inputs from other sources, devices or times may differ:
evaluate it on your own data with `plexus evaluate`.

## Reproduce

```
{command}
```

`bundle.json` holds the seed, all options and all versions; the same machine and versions give the same metrics.
"""


def model_card(manifest: "JsonObject", task: "AnyTask") -> str:
    """Write the model card of a bundle.

    Args:
        manifest: Manifest of the bundle.
        task: The task.

    Returns:
        The card in Markdown.
    """
    data, metrics, weights = manifest["data"], manifest["scores"], manifest.get("weights", "float32")
    format = next((name for name, stored in ROUNDED_FORMATS.items() if stored == weights), None)
    tested = data["examples"]["test"]
    return _TEMPLATE.format(
        title=f"{manifest['task']} on {data['name']}",
        summary=manifest["summary"],
        task=manifest["task"],
        tested=tested,
        metrics="\n".join(_metric_row(task.describe_metric(name), metrics, tested) for name in metric_names(metrics)),
        score=_in_sentence(task.metric),
        baseline=_baseline(manifest, task),
        data=data["name"],
        licence=data["licence"],
        examples=", ".join(f"{count:,} {split}" for split, count in data["examples"].items()),
        fingerprint=data["fingerprint"],
        protocol=manifest["protocol"],
        initial=_initial(manifest),
        weights=_weights(manifest, task),
        findings="".join(f"- {line}\n" for line in data["findings"]),
        cost=_cost(manifest),
        stored=STORED_NOTES.get(weights, ""),
        versions=", ".join(f"{name} {version}" for name, version in manifest["versions"].items()),
        command=training_command(manifest, task.options) + (EXPORT_COMMAND.format(format) if format else ""),
    )


def full_card(
    manifest: "JsonObject", task: "AnyTask", predictor: "Predictor", dataset: "Dataset", codec: "Codec"
) -> str:
    """Write the model card of a bundle, with the section that the task adds.

    Args:
        manifest: Manifest of the bundle.
        task: The task.
        predictor: The networks of the bundle.
        dataset: The data that it was trained on.
        codec: The calibrated codec.

    Returns:
        The card in Markdown.
    """
    card = model_card(manifest, task)
    section = (
        task.card_section(predictor, dataset, codec, manifest["scores"]) if isinstance(task, DescribesModels) else []
    )
    return card + "".join(f"{line}\n" for line in ("", *section)) if section else card


def training_command(manifest: "JsonObject", options: "type[Options]") -> str:
    """Return the command that trains a bundle again.

    Args:
        manifest: Manifest of the bundle.
        options: The class of the task's options.

    Returns:
        The command, with the data and the options that differ from their defaults, quoted for a shell.
    """
    fields, values = options.model_fields, manifest["options"]
    changed = {name: value for name, value in values.items() if name == "data" or value != fields[name].default}
    return " ".join([f"plexus train {manifest['task']}", *(_flag(name, value) for name, value in changed.items())])


def _initial(manifest: "JsonObject") -> str:
    initial = manifest.get("initial")
    if not initial:
        return ""
    return (
        f"- Fine-tuned from `{initial['name']}`, a bundle of `{initial['task']}` on {initial['data']}: its weights in\n"
        f"  {initial['copied']} of {initial['layers']} layers. SHA-256 of its `bundle.json`:\n"
        f"  `{initial['fingerprint']}`.\n"
    )


def _weights(manifest: "JsonObject", task: "AnyTask") -> str:
    if not manifest["epochs"]:
        return "- The weights were computed or pretrained; this training did not change them.\n"
    if not manifest["keeps_best"]:
        last = f"last of {manifest['epochs']} epochs" if manifest["epochs"] > 1 else "only epoch"
        return f"- The weights are those of the {last}.\n"
    # `split_counts` leaves out the validation split if the metric is computed out of fold.
    validation = "on the validation split" if "val" in manifest["data"]["examples"] else "of out-of-fold predictions"
    return (
        f"- The weights are those of the epoch with the best {_in_sentence(task.metric)} {validation}, out of "
        f"{manifest['epochs']}.\n"
    )


def _metric_row(metric: "Metric", metrics: "Mapping[str, float]", examples: int) -> str:
    return f"| {metric.label} | `{metric.name}` | {_value(metric.name, metrics, examples)} | {metric.direction} |"


def _in_sentence(metric: "Metric") -> str:
    """Return the label within a sentence; an abbreviation keeps its capitals."""
    label = metric.label
    return label if label[:2].isupper() else label[0].lower() + label[1:]


def _value(name: str, metrics: "Mapping[str, float]", examples: int) -> str:
    interval = confidence_interval(name, metrics, examples)
    if interval is None:
        return number(metrics[name])
    return f"{number(metrics[name])} (95 % interval {number(interval[0])} to {number(interval[1])})"


def _baseline(manifest: "JsonObject", task: "AnyTask") -> str:
    name = manifest["baseline"]
    if not name:
        return ""
    return f" The trivial baseline, {_in_sentence(task.describe_metric(name))}, is {number(manifest['scores'][name])}."


def _cost(manifest: "JsonObject") -> str:
    cost = f"{manifest['parameters']:,} parameters"
    if "flops" in manifest:  # older bundles do not record it
        cost += f", {short(manifest['flops'])}FLOPs per forward pass, about {short(manifest['memory'])}B in training"
    return cost


def _flag(name: str, value: object) -> str:
    flag = flag_of(name)
    if isinstance(value, bool):
        return flag if value else f"--no-{flag.removeprefix('--')}"
    text = str(value)
    # argparse takes a separate text that begins with a dash for a flag
    return f"{flag}{'=' if text.startswith('-') else ' '}{shlex.quote(text)}"
