"""`plexus data suggest` for medical images."""

import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image
from pydicom.data import get_testdata_file

from plexus.cli import main


def test_images_to_label_next(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    (tmp_path / "images").mkdir()
    for number in range(30):  # bars that are upright or lie flat
        pixels = generator.integers(0, 40, (32, 32)).astype(np.uint8)
        pixels[:, 12:20] += 160
        Image.fromarray(pixels if number < 20 else pixels.T).save(tmp_path / "images" / f"{number:02}.png")
    shutil.copy(get_testdata_file("MR_small.dcm"), tmp_path / "images" / "scan.dcm")
    arguments = ["data", "suggest", "medical.classify", "--data", "images", "--count", "3", "--out", "labels.csv"]
    assert main([*arguments, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["unlabelled"] == 31
    assert [each["cluster_size"] for each in result["suggestions"]] == [20, 10, 1]
    with (tmp_path / "labels.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0]["image"] < "images/20.png" <= rows[1]["image"] <= "images/29.png"
    assert rows[2] == {"image": "images/scan.dcm", "label": ""}


@pytest.mark.data
@pytest.mark.slow
def test_uncertain_images_of_a_model(capsys):
    model = "medical.classify/pneumoniamnist"
    assert main(["data", "suggest", "medical.classify", "--count", "4", "--bundle", model, "--json"]) == 0
    suggestions = json.loads(capsys.readouterr().out)["suggestions"]
    assert len({each["row"] for each in suggestions}) == 4
    assert [sum(each["probabilities"]) for each in suggestions] == pytest.approx([1] * 4, abs=1e-6)
    margins = [each["margin"] for each in suggestions]
    assert margins == sorted(margins)
