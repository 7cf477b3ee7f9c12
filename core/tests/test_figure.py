"""Output of figures."""

import re

from matplotlib.figure import Figure

from plexus.report.figure import as_svg, save_figure
from plexus.report.gradient_norms import draw_gradient_norms


def test_numbers_of_logarithmic_axes_are_plain_text():
    figure = Figure()
    axes = figure.subplots()
    axes.plot([1, 10, 1000], [1, 2, 3])
    axes.set(xscale="log", title="cost in $ and $")
    texts = re.findall(r"<!-- (.*?) -->", as_svg(figure))
    assert {"1", "10", "100", "1000", "cost in $ and $"} <= set(texts)
    assert not [text for text in texts if "mathdefault" in text]


def test_dollar_signs_begin_no_formula(tmp_path):
    figure = Figure()
    axes = figure.subplots()
    axes.barh([0, 1], [1, 2], label="a$\\frac{$")
    axes.set_yticks([0, 1], ["cost_$_a_$", "$\\frac{$"])
    axes.set(title="$\\frac{$", xlabel="$x_$")
    axes.legend()
    save_figure(figure, tmp_path / "figure.png")  # a formula would not be valid
    assert (tmp_path / "figure.png").stat().st_size


def test_numbers_of_a_logarithmic_colour_bar_are_plain_text():
    norms = {f"dense_{layer}": 10.0**-layer for layer in range(5)}
    history = [{"epoch": epoch, "gradients": norms} for epoch in range(2)]
    texts = re.findall(r"<!-- (.*?) -->", as_svg(draw_gradient_norms(history)))
    assert {"dense_0", "0.0001", "0.01", "1"} <= set(texts)
    assert not [text for text in texts if "mathdefault" in text]
