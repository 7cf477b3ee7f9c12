"""Reports of runs, and the estimated cost of networks."""

import json
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

from plexus.cli import demo
from plexus.cli.metrics import metric_table
from plexus.cli.output import write_lines
from plexus.cli.parser import Parser, add_options, passed_options
from plexus.metric import Metric
from plexus.options import Options
from plexus.plugins.registry import registry
from plexus.report.gallery import write_gallery
from plexus.report.intervals import confidence_interval, metric_names
from plexus.report.model_card import model_card, training_command
from plexus.utils.formatting import number, short

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MODELS = Path(__file__).parents[2] / "models"


LEAST_SPACE = """Math.min(...[...document.querySelectorAll(".metrics tr")].flatMap(row => {
  const cells = [...row.children].filter(cell => cell.offsetWidth && cell.textContent.trim()).map(cell => {
    const text = document.createRange(); text.selectNodeContents(cell); return text.getBoundingClientRect() });
  return cells.slice(1).map((box, i) => box.left - cells[i].right).filter((_, i) => cells[i].bottom > cells[i + 1].top);
}))"""
"""Pixels between the texts of neighbouring cells of the table of metrics."""


TEXT_SIZES = """[...document.querySelectorAll("svg text")].map(text => {
  const place = text.getScreenCTM();
  return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(place.b, place.d);
}).sort((a, b) => a - b)"""
"""Sizes of the texts of all plots in pixels, the smallest first."""


@pytest.fixture
def run(trial):
    """The run of a trial whose report has many figures."""
    return trial("vision.classify") / "run"


@pytest.mark.slow
def test_sections_of_the_report(run):
    page = (run / "report.html").read_text()
    manifest = json.loads((run / "bundle/bundle.json").read_text())
    sections = re.findall("<h2>(.*?)</h2>", page)
    assert sections == [
        *("Metrics on the test split", "Predictions", "Training", "Gradient norms"),
        *("Data", "Time and cost", "Reproduce"),
    ]
    low, high = confidence_interval("accuracy", manifest["scores"], manifest["data"]["examples"]["test"])
    assert f"{number(manifest['scores']['accuracy'])}<td>higher<td>{number(low)} to {number(high)}" in page
    assert "<td>Log loss (nats)" in page
    assert "Accuracy of the most frequent label, which it beats" in page
    assert manifest["data"]["fingerprint"] in page
    assert "plexus train vision.classify --data digits" in page
    assert page.count("<figure") - 1 == page.count("<svg ") - 1 == len(list((run / "report").iterdir())) == 5
    assert "<h1>Assign one label to an image: digits <code>vision.classify</code></h1>" in page


@pytest.mark.slow
def test_the_report_needs_no_other_file_and_fits_a_phone(run, tmp_path):
    """In a browser, outside of the run's folder: no request, all images loaded, nothing wider than the screen."""
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    copy, page = tmp_path / "page.html", (run / "report.html").read_text()
    copy.write_text(re.sub("(Log loss .*?<td>)[0-9.]+", r"\g<1>123,456,789,012", page))
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width in (1200, 390):
            page = browser.new_page(viewport={"width": width, "height": 900})
            requested, errors = [], []
            page.on("request", lambda request, requested=requested: requested.append(request.url))
            page.on("pageerror", lambda error, errors=errors: errors.append(error))
            page.goto(f"file://{copy}")
            assert [url for url in requested if not url.startswith("data:")] == [f"file://{copy}"]
            assert not errors
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(LEAST_SPACE) >= 8
            assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0 && i.alt)")
            assert page.evaluate(TEXT_SIZES)[0] > 11.9
        browser.close()


def test_values_of_the_learning_curves_are_read_out(run):
    """In light and dark mode, by pointer and keyboard: the values of the log. Without a script, the plain curves."""
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    history = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    texts = [
        f"epoch {line['epoch'] + 1}: training loss {number(line['loss'])}, Accuracy, validation split "
        + (number(line["accuracy"]) if "accuracy" in line else "no value")
        for line in history
    ]
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1000, "height": 900}, color_scheme=scheme)
            page.goto(f"file://{run / 'report.html'}")
            slider, curves = page.get_by_role("slider", name="epoch"), page.locator("svg[data-curves]")
            assert slider.get_attribute("aria-valuetext") == texts[-1]
            slider.focus()
            page.keyboard.press("Home")
            for text in texts:
                assert slider.get_attribute("aria-valuetext") == text
                page.get_by_text(text, exact=True).wait_for()
                page.keyboard.press("ArrowRight")
            places = json.loads(curves.get_attribute("data-curves"))["series"][0]["points"]
            box, width = curves.bounding_box(), float(curves.get_attribute("viewBox").split()[2])
            for text, (*_, left, top) in list(zip(texts, places, strict=True))[::3]:
                scale = box["width"] / width
                curves.hover(position={"x": left * scale, "y": top * scale})
                assert slider.get_attribute("aria-valuetext") == text
            assert page.evaluate(
                "getComputedStyle(document.querySelector('svg[data-curves] text')).fill"
            ) == page.evaluate("getComputedStyle(document.body).color")
            violations = axe.Axe().run(page, context="curve-reader").response["violations"]
            assert [each["id"] for each in violations if each["impact"] in ("serious", "critical")] == []
        plain = browser.new_context(java_script_enabled=False).new_page()
        plain.goto(f"file://{run / 'report.html'}")
        assert plain.locator("svg[data-curves]").is_visible()
        assert plain.get_by_role("slider").count() == 0
        browser.close()


def test_confidence_intervals():
    scores = {"average_precision": 0.5, "average_precision_low": 0.4, "average_precision_high": 0.6, "accuracy": 0.9}
    assert confidence_interval("average_precision", scores, 10) == (0.4, 0.6)
    assert confidence_interval("accuracy", scores, 100) == pytest.approx((0.8256, 0.9448), abs=1e-4)
    assert confidence_interval("log_loss", {"log_loss": 1.0}, 100) is None
    assert metric_names(scores) == ["average_precision", "accuracy"]


@pytest.mark.parametrize("file", sorted(MODELS.glob("*/*/bundle.json")), ids=lambda file: "/".join(file.parts[-3:-1]))
def test_every_metric_of_a_shipped_model_has_a_description(file):
    manifest = json.loads(file.read_text())
    task = registry().task(manifest["task"])
    described = {metric.name for metric in (task.metric, *task.other_metrics)}
    names = metric_names(manifest["scores"])
    assert [name for name in names if name not in described and not task.describe_metric(name).title] == []
    assert manifest["baseline"] in described


def test_labels_of_metrics():
    log_loss = Metric("log_loss", unit="nats", higher_is_better=False)
    assert (log_loss.label, log_loss.direction) == ("Log loss (nats)", "lower")
    assert (Metric("wer", "Word error rate").label, Metric("accuracy").direction) == ("Word error rate", "higher")
    unknown = registry().task("vision.classify").describe_metric("my_metric")
    assert (unknown.label, unknown.direction) == ("My metric", "")


def test_bounds_are_cells_of_their_metric_or_named_after_it(capsys):
    task = registry().task("medical.classify")
    write_lines([metric_table(task, {"log_loss": 0.5, "log_loss_low": 0.25})])
    assert [re.split("  +", line) for line in capsys.readouterr().out.splitlines()] == [
        ["metric", "value", "better"],
        ["Log loss (nats)", "0.5000", "lower"],
        ["Log loss (nats), lower bound", "0.2500"],
    ]
    write_lines([metric_table(task, {"log_loss": 0.5, "log_loss_low": 0.25, "log_loss_high": 1.5})])
    assert [re.split("  +", line) for line in capsys.readouterr().out.splitlines()] == [
        ["metric", "value", "95 % interval", "better"],
        ["Log loss (nats)", "0.5000", "0.2500 to 1.500", "lower"],
    ]


def test_a_proportion_has_the_interval_of_its_examples_and_its_baseline(capsys):
    task = registry().task("vision.classify")
    metrics = {"accuracy": 0.9, "majority_accuracy": 0.1, "macro_f1": float("nan")}
    write_lines([metric_table(task, metrics, examples=100)])
    assert [re.split("  +", line) for line in capsys.readouterr().out.splitlines()] == [
        ["metric (* ranks the models)", "value", "95 % interval", "baseline", "better"],
        ["Accuracy *", "0.9000", "0.8256 to 0.9448", "0.1000", "higher"],
        ["Macro F1", "undefined", "higher"],
    ]
    write_lines([metric_table(task, metrics)])
    assert "interval" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((30066.3, "30,066"), (0.4567, "0.4567"), (4.145, "4.145"), (0.5, "0.5000"), (-12.3456, "-12.35")),
        *((3.0, "3"), (-2e5, "-200,000"), (0, "0"), (999.94, "999.9"), (999.96, "1,000"), (1234.5678, "1,235")),
        *((1e-4, "0.0001000"), (9e-5, "9.000e-05"), (123456789012.3, "123,456,789,012"), (1e12, "1.000e+12")),
        *((float("inf"), "inf"), (float("nan"), "nan")),
    ],
)
def test_numbers_have_four_digits_and_no_exponent(value, text):
    assert number(value) == text


def test_large_metrics_are_readable_in_the_console_and_in_the_card(capsys):
    bundle = next(MODELS.glob("vision.classify/digits/bundle.json"))
    manifest, task = json.loads(bundle.read_text()), registry().task("vision.classify")
    manifest["scores"] = {"accuracy": 0.975, "log_loss": 30066.3, "majority_accuracy": 0.1}
    write_lines([metric_table(task, manifest["scores"])])
    header, *lines = capsys.readouterr().out.splitlines()
    assert [re.split("  +", line)[1:] for line in lines] == [["0.9750", "0.1000", "higher"], ["30,066", "lower"]]
    values = [line[: header.index("value") + len("value")] for line in lines]  # which end in the same column
    assert [value.split("  ")[-1].strip() for value in values] == ["0.9750", "30,066"]
    card = model_card(manifest, task)
    assert "| Log loss (nats) | `log_loss` | 30,066 | lower |" in card
    assert "most frequent label, is 0.1000." in card


class TextOptions(Options):
    ordinal: str = ""
    note: str = "none"
    weights: bool = True


def test_the_command_that_trains_again_is_quoted_for_a_shell():
    changed = {
        "data": "my data/$HOME.csv",
        "ordinal": "condition=needs work<average>'new'",
        "note": "-x",
        "weights": False,
    }
    values = TextOptions(data="").model_dump() | changed
    command = training_command({"task": "my.task", "options": values}, TextOptions)
    program, verb, task, *flags = shlex.split(command)
    assert (program, verb, task) == ("plexus", "train", "my.task")
    parser = Parser()
    add_options(parser, TextOptions, "options")
    assert TextOptions.parse(passed_options(parser.parse(flags))) == TextOptions.parse(values)
    assert "'condition=needs work<average>" in command
    assert training_command({"task": "my.task", "options": values | {"note": ""}}, TextOptions).count("--note ''") == 1


def test_si_prefixes():
    assert [short(n) for n in (0, 12, 999.4, 12_345, 1e6, 2.5e9)] == ["0 ", "12 ", "999 ", "12.3 k", "1 M", "2.5 G"]


def test_values_are_escaped_and_figures_are_part_of_the_page(tmp_path):
    (tmp_path / "a.html").write_text("<p>one</p>")
    (tmp_path / "b.png").write_bytes(b"image")
    entries = [(str(tmp_path / "a.html"), 'a "quote"'), (str(tmp_path / "b.png"), "<b>bold</b>")]
    result = {"app": "x-y", "title": "X & Y", "summary": "<script>1", "seconds": 2.0, "shown": entries}
    result |= {"figures": {"Macro F1": 0.5, "Log loss": 1.0}, "intervals": {"Macro F1": (0.4, 0.6)}}
    write_gallery([result, result | {"intervals": {}}], tmp_path / "index.html")
    page = (tmp_path / "index.html").read_text()
    assert "<script>1" not in page
    assert "&lt;script&gt;1" in page
    assert 'srcdoc="&lt;p&gt;one&lt;/p&gt;"' in page
    assert 'title="a &#34;quote&#34;"' in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert 'src="data:image/png;base64,aW1hZ2U="' in page
    assert "<h2>X &amp; Y <code>x-y</code></h2>" in page
    assert page.count("<th>95 % interval") == 1
    assert "<td>Macro F1<td>0.5000<td>0.4000 to 0.6000</tr><tr><td>Log loss<td>1<td></tr>" in page
    assert "<td>Macro F1<td>0.5000</tr>" in page, "of a demo without intervals"


def test_the_result_of_a_demo_has_intervals(capsys):
    figures, intervals = {"accuracy": 0.9, "log_loss": 0.25}, {"accuracy": [0.8256, 0.9448]}
    result = {"app": "image-recognition", "seconds": 1.0, "figures": figures, "intervals": intervals}
    write_lines(demo.show([result]))
    lines = [re.split("  +", line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["image-recognition: 1 s"]
    assert lines[1] == ["metric (* ranks the models)", "value", "95 % interval", "better"]
    assert lines[2] == ["Accuracy *", "0.9000", "0.8256 to 0.9448", "higher"]


FREE_AXIS_LENGTH = 96
"""Length used for axes without a fixed length: time steps, words."""


def tensorflow_flops(network):
    """Return the count of TensorFlow's profiler for one example more; it includes activations and normalization.

    What is computed from the weights alone does not count.
    """
    return _flops_of_batch(network, 2) - _flops_of_batch(network, 1)


def _flops_of_batch(network, rows):
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2 as frozen

    signature = {
        t.name: tf.TensorSpec((rows, *(size or FREE_AXIS_LENGTH for size in t.shape[1:])), t.dtype)
        for t in network.inputs
    }
    graph = frozen(tf.function(lambda x: network(x, training=False)).get_concrete_function(signature)).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    with graph.as_default():
        return tf.compat.v1.profiler.profile(graph, cmd="op", options=options).total_float_ops


BUNDLES = [f"{file.parts[-3]}/{file.parts[-2]}" for file in sorted(MODELS.glob("*/*/network.keras"))]
TOLERANCES = {
    "fraud.detect": 0.25,  # weights without a multiplication: the bin edges of the encoding
    **dict.fromkeys(("tables.diagnose", "tables.risk"), 0.15),  # activations of twenty narrow networks
}


@pytest.mark.slow
@pytest.mark.parametrize("bundle", BUNDLES)
def test_flops_agree_with_tensorflow(bundle):
    """For every shipped network: within 5 %, except for explained differences."""
    from plexus.training.complexity import complexity
    from plexus.training.export import load_network

    task = bundle.split("/")[0]
    network = load_network(MODELS / bundle / "network.keras", f"plexus_{task.split('.')[0]}")
    shapes = {t.name: (1, *(size or FREE_AXIS_LENGTH for size in t.shape[1:])) for t in network.inputs}
    result = complexity(network, None, 1, shapes)
    assert result.parameters == network.count_params()
    assert result.flops == pytest.approx(tensorflow_flops(network), rel=TOLERANCES.get(task, 0.05))
    assert "call" not in vars(next(iter(network.layers)))  # the network is unchanged


def test_flops_equal_a_manual_calculation():
    """For recurrence, attention and embeddings."""
    import keras

    from plexus.training.complexity import complexity

    words = keras.Input((10,), dtype="int32", name="words")
    x = keras.layers.Embedding(1000, 8)(words)
    x = keras.layers.MultiHeadAttention(2, 4)(x, x)
    x = keras.layers.Bidirectional(keras.layers.LSTM(5))(x)
    network = keras.Model({"words": words}, {"y": keras.layers.Dense(3)(x)})
    attention = 2 * 10 * 4 * 8 * 8 + 2 * 2 * 10 * 10 * 8  # four projections; scores and weighted sums
    recurrence = 2 * 10 * 2 * (8 * 20 + 5 * 20)  # two directions, four gates
    assert complexity(network, None, 1).flops == attention + recurrence + 2 * 10 * 3


def test_a_free_axis_has_the_length_of_the_batch():
    import keras

    from plexus.training.complexity import complexity

    x = keras.Input((None, 4), name="x")
    network = keras.Model({"x": x}, {"y": keras.layers.Dense(3, use_bias=False)(x)})
    assert complexity(network, None, 1).flops == 2 * 4 * 3
    longer = complexity(network, None, 5, {"x": (7, 10, 4)})
    assert longer.flops == 2 * 10 * 4 * 3
    assert longer.memory == 4 * (2 * 12 + 5 * 10 * (4 + 3))


def test_memory_grows_with_the_batch_and_the_optimizers_state():
    import keras

    from plexus.training.complexity import complexity

    x = keras.Input((4,), name="x")
    network = keras.Model({"x": x}, {"y": keras.layers.Dense(6, use_bias=False)(x)})
    adam = keras.optimizers.Adam()
    adam.build(network.trainable_variables)
    state = sum(int(np.prod(v.shape)) for v in adam.variables)
    assert complexity(network, adam, 5).memory == 4 * (2 * 24 + state + 5 * (4 + 6))
