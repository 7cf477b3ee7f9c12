"""Parts that the pages of all apps share, without a browser."""

import re
from pathlib import Path

import gradio as gr
import polars as pl
import pytest

from plexus import InputError
from plexus_apps.cluster_explorer.page import ASSIGNMENT
from plexus_apps.pages import first_rows, require_suffix
from plexus_apps.result_area import ResultArea


def test_the_first_rows_of_a_table_have_the_formats_of_the_prediction(tmp_path):
    rows = {"alcohol": [1.5, 2.0], "cluster": [0, 3], "membership": [0.98765, None], "outlier": [False, True]}
    pl.DataFrame(rows).write_csv(tmp_path / "clusters.csv")
    html = first_rows(tmp_path / "clusters.csv", "Rows", 2, ASSIGNMENT, [], ASSIGNMENT)
    assert re.findall("<th(?: [^>]*)?>([^<]*)<", html) == ["cluster number", "membership", "outlier", "alcohol"]
    assert re.findall("<td(?: [^>]*)?>([^<]*)<", html) == ["0", "98.8%", "no", "1.500", "3", "", "yes", "2"]


def test_a_column_of_the_input_may_be_called_like_one_of_the_prediction(tmp_path):
    pl.DataFrame({"membership": ["gold"], "cluster": [1], "membership_answer": [1.0]}).write_csv(tmp_path / "rows.csv")
    html = first_rows(tmp_path / "rows.csv", "Rows", 1, ASSIGNMENT, [], ASSIGNMENT)
    assert re.findall("<th(?: [^>]*)?>([^<]*)<", html) == ["cluster number", "membership", "membership"]
    assert re.findall("<td(?: [^>]*)?>([^<]*)<", html) == ["1", "100.0%", "gold"]


def test_the_ending_of_a_file_is_checked():
    assert require_suffix(Path("A.CSV"), [".csv", ".tsv"]) == Path("A.CSV")
    with pytest.raises(InputError, match=r"a\.txt: expected one of \.csv, \.tsv: choose another file"):
        require_suffix(Path("folder/a.txt"), [".csv", ".tsv"])


def test_an_example_is_followed_by_its_result_and_an_action_clears_an_error():
    with gr.Blocks() as page:
        text, button = gr.Textbox(), gr.Button()
        example = gr.Button().click(lambda: "an example", None, text)
        area = ResultArea("The result appears here.")
        with area.column:
            result = gr.Textbox()
        area.fill(button.click, len, [text], [result], [example])
    filling, clearing, pressed, following = page.get_config_file()["dependencies"]
    assert following["trigger_after"] == filling["id"]
    assert following["trigger_only_on_success"]
    assert following["outputs"] == pressed["outputs"]
    assert [event for _, event in clearing["targets"]] == ["click", "change"]
    assert (clearing["backend_fn"], clearing["outputs"]) == (False, pressed["outputs"][:1])
