"""Parts of results that all pages share."""

import re
from html import unescape
from pathlib import Path

from matplotlib.figure import Figure

from plexus import InputError
from plexus.report.figure import save_figure
from plexus_apps.fraud_monitor.alert_store import Alert
from plexus_apps.fraud_monitor.alerts_table import alerts_html, describe_transaction
from plexus_apps.report_figures import report_figures
from plexus_apps.results import error_html, figure_html, table_html


def draw(file: Path) -> None:
    figure = Figure(figsize=(3, 2))  # 288 pixels
    figure.subplots().set_title("small", fontsize=6)  # 8 pixels
    save_figure(figure, file)


def test_an_error_shows_no_folder_and_is_escaped():
    html = error_html(InputError("/srv/data/<b>.png is not an image"))
    assert "&lt;b&gt;.png is not an image" in html
    assert "/srv" not in html


def test_a_plot_is_as_wide_as_its_smallest_text_needs(tmp_path):
    draw(tmp_path / "training.svg")
    assert "min-width:433px;max-width:433px" in report_figures(tmp_path, {"training.svg": "Curve"})
    html = figure_html(draw, 'A "figure"')
    assert 'aria-label="A "figure""' in unescape(html)
    assert "#000000" not in html


def test_a_table_has_formatted_numbers_and_escaped_texts():
    html = table_html("Rows", ["number", "text"], [(0.123456, "<b>"), (None, "x" * 40)])
    cells = re.findall(r"<td([^>]*)>([^<]*)</td>", html)
    assert cells == [
        (' class="number"', "0.1235"),
        ("", "&lt;b&gt;"),
        (' class="number"', ""),
        (' class="long"', "x" * 40),
    ]


def test_alerts_have_dates_verdicts_and_a_named_button():
    transaction = {"time": 1708246510, "customer": "<a>", "amount": 102.80000001, "terminal": None}
    html = alerts_html([Alert(7, 0.93, ("amount: 812",), transaction), Alert(8, 0.5, (), {}, "fraud")], "Alerts")
    assert "<td>2024-02-18 08:55:10</td>" in html
    assert ">customer &lt;a&gt;, amount 102.8, terminal missing</td>" in html
    assert "<td>none yet</td>" in html
    assert "<td>fraud</td>" in html
    assert 'aria-label="Show why No. 7 was flagged"' in html
    assert describe_transaction({"Time": 172_792.0, "V1": -1.5}) == ("172,792", "V1 -1.500")
