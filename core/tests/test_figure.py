"""Output of figures."""

import re
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure
from PIL import Image

from plexus.report.figure import INK, as_inline_svg, read_inline_svg, readable_width, save_figure, svg_width
from plexus.report.gradient_norms import draw_gradient_norms
from plexus.report.page_figure import PageFigure, figures_html


def test_numbers_of_logarithmic_axes_are_plain_text():
    figure = Figure()
    axes = figure.subplots()
    axes.plot([1, 10, 1000], [1, 2, 3])
    axes.set(xscale="log", title="cost in $ and $")
    texts = re.findall(r"<text[^>]*>(.*?)</text>", as_inline_svg(figure))
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
    texts = re.findall(r"<text[^>]*>(.*?)</text>", as_inline_svg(draw_gradient_norms(history)))
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


def test_a_plot_follows_light_and_dark_mode(tmp_path):
    figure = _labelled_figure(1)
    figure.axes[0].axhspan(0, 1, color="white")
    file = tmp_path / "plot.svg"
    save_figure(figure, file)
    content = file.read_text()
    assert ElementTree.fromstring(content).get("class") == "plexus-figure"
    assert "@media (prefers-color-scheme: dark) { .plexus-figure { color: #e4e8ef; --page: #12161d } }" in content
    assert "fill: var(--page, var(--background-fill-primary, #fff))" in content, "white"
    assert not re.search("#000000|#ffffff", content)
    inline = read_inline_svg(file)
    assert "prefers-color-scheme" not in inline, "a page has its own mode"
    assert inline == as_inline_svg(figure)


def test_a_plot_scrolls_where_its_smallest_text_would_have_less_than_12_pixels(tmp_path):
    figure = Figure(figsize=(3, 2))  # 288 pixels
    figure.subplots().set_title('a "plot"', fontsize=6)  # 8 pixels
    svg = as_inline_svg(figure)
    assert svg_width(svg) == pytest.approx(288)
    assert readable_width(svg) == pytest.approx(432)
    assert readable_width('<svg width="216pt">') == 0, "without a text"
    plot = PageFigure.plot(svg, 'a "plot"')
    assert (plot.least_width, plot.greatest_width, plot.is_wide, plot.has_curves) == (433, 433, False, False)
    assert '<div style="min-width:433px;max-width:433px"><svg' in figures_html([plot])
    assert 'tabindex="0" role="region" aria-label="a &#34;plot&#34;"' in figures_html([plot])
    assert figures_html([]) == ""


def test_a_graphic_of_another_program_is_an_image_of_the_page(tmp_path):
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="20"><script>1</script></svg>')
    figure = PageFigure.read(tmp_path / "a.svg", "A")
    assert figure.svg is None
    assert figure.url.startswith("data:image/svg+xml")
    Image.new("RGB", (1000, 10)).save(tmp_path / "b.png")
    assert PageFigure.read(tmp_path / "b.png", "B").is_wide


def test_an_image_keeps_its_colors(tmp_path):
    save_figure(_labelled_figure(1), tmp_path / "plot.png")
    assert Image.open(tmp_path / "plot.png").getpixel((0, 0)) == (255, 255, 255, 255)


@pytest.mark.slow
def test_threads_that_draw_at_the_same_time_change_no_settings():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with ThreadPoolExecutor(8) as threads:
        drawn = threads.map(lambda number: as_inline_svg(_labelled_figure(number)), range(60))
        assert [f">figure {number}</text>" in svg for number, svg in enumerate(drawn)] == [True] * 60
    assert dict(mpl.rcParams) == before
