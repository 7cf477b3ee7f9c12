"""Output of figures."""

import re
from concurrent.futures import ThreadPoolExecutor

from matplotlib.figure import Figure

from plexus.report.figure import INK, as_inline_svg, as_svg, save_figure
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


def test_numbers_of_a_logarithmic_color_bar_are_plain_text():
    norms = {f"dense_{layer}": 10.0**-layer for layer in range(5)}
    history = [{"epoch": epoch, "gradients": norms} for epoch in range(2)]
    texts = re.findall(r"<!-- (.*?) -->", as_svg(draw_gradient_norms(history)))
    assert {"dense_0", "0.0001", "0.01", "1"} <= set(texts)
    assert not [text for text in texts if "mathdefault" in text]


def _labelled_figure(number):
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1], [0, number], color=INK)
    axes.set_title(f"figure {number}")
    return figure


def test_an_inline_figure_has_texts_and_colors_of_the_page():
    svg = as_inline_svg(_labelled_figure(1))
    assert ">figure 1</text>" in svg
    assert "currentColor" in svg
    assert INK not in svg


def test_threads_that_draw_at_the_same_time_do_not_change_the_settings_of_each_other():
    """Settings of matplotlib are global: without a lock, texts of some figures became shapes."""
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with ThreadPoolExecutor(8) as threads:
        inline = threads.map(lambda number: as_inline_svg(_labelled_figure(number)), range(60))
        shapes = threads.map(lambda number: as_svg(_labelled_figure(number)), range(60))
        assert [f">figure {number}</text>" in svg for number, svg in enumerate(inline)] == [True] * 60
        assert ["</text>" in svg for svg in shapes] == [False] * 60
    assert dict(mpl.rcParams) == before
