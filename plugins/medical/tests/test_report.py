"""Figures and tables of the report."""

import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure
from scipy.special import logit

from plexus_medical.abstention import Abstention
from plexus_medical.codec import MedicalCodec
from plexus_medical.drawn_xrays import draw_xrays
from plexus_medical.figures import worst_mistakes
from plexus_medical.out_of_distribution import OutOfDistribution
from plexus_medical.report import REPORT_FIGURES, answer_metrics, write_medical_report

COUNT = 80
GENERATOR = np.random.default_rng(0)
OUTCOMES = np.arange(COUNT) % 2
RISKS = np.clip(0.25 + 0.5 * OUTCOMES + GENERATOR.normal(0, 0.2, COUNT), 0.01, 0.99)
PATIENTS = np.arange(COUNT) // 2
IMAGES = draw_xrays()["train"].images[:COUNT, ..., None]
LOGITS = np.repeat(np.stack([np.zeros(COUNT), logit(RISKS)], axis=1)[:, None], 2, axis=1)
OUTPUTS = {"logits": LOGITS, "image": IMAGES}


@pytest.fixture
def codec():
    return MedicalCodec(["normal", "opacity"], (32, 32, 1), folds=2, threshold=0.5)


@pytest.fixture
def titles(monkeypatch):
    """Collect the titles of the figures by file, which are written all the same."""
    collected, savefig = {}, Figure.savefig

    def record(self, file, **options):
        parts = [self, *self.subfigs]
        collected[file.name] = [part.get_suptitle() for part in parts] + [axes.get_title() for axes in self.axes]
        savefig(self, file, **options)

    monkeypatch.setattr(Figure, "savefig", record)
    return collected


@pytest.mark.slow
def test_the_report_has_all_figures(codec, tmp_path, titles):
    codec.out_of_distribution = OutOfDistribution.fit(IMAGES, np.arange(COUNT) % 4, share=0.1)
    sexes = np.where(PATIENTS % 2 == 0, "female", "male").tolist()
    write_medical_report(codec, OUTPUTS, OUTCOMES, tmp_path, patients=PATIENTS, subgroups={"sex": sexes})
    assert {file.name for file in tmp_path.iterdir() if file.suffix != ".csv"} == set(REPORT_FIGURES) == set(titles)
    assert pl.read_csv(tmp_path / "subgroups.csv")["value"].to_list() == ["all", "female", "male"]
    missed = int(((RISKS < 0.5) & (OUTCOMES == 1)).sum())
    alarms = int(((RISKS >= 0.5) & (OUTCOMES == 0)).sum())
    assert f"{missed:,} missed of 40 images with opacity" in titles["mistakes.svg"]
    assert f"{alarms:,} false positives of 40 images with normal" in titles["mistakes.svg"]
    rejected = int((codec.out_of_distribution.scores(IMAGES).max(axis=1) > 1).sum())
    assert (
        f"Out of distribution: {rejected:,} of 80 test images ({rejected / 80:.1%})"
        in titles["out_of_distribution.svg"]
    )
    abstention = pl.read_csv(tmp_path / "abstention.csv")
    assert abstention["error"][0] == pytest.approx((missed + alarms) / COUNT)
    assert abstention["error"][-1] < abstention["error"][0]


@pytest.mark.slow
def test_a_model_without_mistakes_shows_the_images_nearest_to_the_threshold(codec, tmp_path, titles):
    logits = np.repeat(np.stack([0 * OUTCOMES, 8.0 * OUTCOMES - 4], axis=1)[:, None], 2, axis=1)
    write_medical_report(codec, {**OUTPUTS, "logits": logits}, OUTCOMES, tmp_path)
    assert "no mistakes; images nearest to the threshold" in titles["mistakes.svg"]
    assert not (tmp_path / "out_of_distribution.svg").exists()
    assert not (tmp_path / "subgroups.svg").exists()


def test_the_worst_mistakes_come_first():
    risks, outcomes = np.array([0.1, 0.9, 0.45, 0.6, 0.2, 0.95]), np.array([1, 0, 1, 0, 0, 1])
    missed, alarms = worst_mistakes(risks, outcomes, 0.5)
    assert missed.tolist() == [0, 2]
    assert alarms.tolist() == [1, 3]


def test_shares_without_an_answer_are_counted_by_their_reason(codec):
    assert answer_metrics(codec, OUTPUTS) == {"answered": 1, "out_of_distribution": 0, "uncertain": 0}
    codec.abstention = Abstention.fit(RISKS, 0.5, share=0.2)
    codec.out_of_distribution = OutOfDistribution.fit(IMAGES, np.arange(COUNT) % 4, share=0.05)
    blank = {**OUTPUTS, "image": np.concatenate([np.full_like(IMAGES[:40], 7), IMAGES[40:]])}
    shares = answer_metrics(codec, blank)
    assert 0.5 <= shares["out_of_distribution"] <= 0.55
    assert 0 < shares["uncertain"] <= 0.2
    assert sum(shares.values()) == pytest.approx(1)
    predictions = codec.decode(blank, [None] * COUNT)
    assert np.mean([prediction.abstained for prediction in predictions]) == pytest.approx(1 - shares["answered"])
