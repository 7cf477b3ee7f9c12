"""The section of the model card that follows CLAIM."""

from dataclasses import replace

import numpy as np
import pytest

from plexus.metrics.clinical import clinical_metrics
from plexus.metrics.subgroups import subgroup_table
from plexus_medical.abstention import Abstention
from plexus_medical.codec import MedicalCodec
from plexus_medical.options import ClassifyOptions
from plexus_medical.study import ImagingStudy, imaging_card
from plexus_medical.study_facts import imaging_study, threshold_rule

GENERATOR = np.random.default_rng(0)
OUTCOMES = np.arange(300) % 3 // 2
RISKS = np.clip(0.3 + 0.3 * OUTCOMES + GENERATOR.normal(0, 0.2, 300), 0.01, 0.99)
STUDY = ImagingStudy(
    source="xrays.csv",
    licence="not stated",
    outcome="pneumonia",
    other="no|rmal",
    shape=(64, 48, 1),
    folds=5,
    images={"train": 1000, "test": 300},
    cases={"train": 350, "test": 100},
    threshold_rule="sensitivity of 0.9 on out-of-fold probabilities",
    protocol="on 300 images of 200 patients, the official test split",
)


@pytest.fixture(scope="module")
def metrics():
    return clinical_metrics(RISKS, OUTCOMES, threshold=0.4)


def test_the_card_says_first_that_it_is_not_for_clinical_use(metrics):
    lines = imaging_card(STUDY, metrics)
    assert lines[0] == "## Clinical evaluation"
    assert lines[2].startswith("**Not for clinical use.**")
    text = "\n".join(lines)
    assert "| Pre-processing | 9 | scaled to 64x48 pixels, grey, 8 bits |" in text
    assert "| Partitions | 20 | on 300 images of 200 patients, the official test split |" in text
    assert "label pneumonia or no\\|rmal of the data" in text
    assert "train: 1,000 images, 350 (35.0%) with the outcome; test: 300 images, 100 (33.3%)" in text
    assert "the data name no patients" in text
    assert "positive from 0.4000: sensitivity of 0.9 on out-of-fold probabilities" in text
    assert "No subgroups were evaluated" in text


def test_unlabelled_images_are_other_data(metrics):
    plain, other = ("\n".join(imaging_card(replace(STUDY, unlabelled=count), metrics)) for count in (0, 900))
    assert "| Initial weights | 24 | random; no other data was used |" in plain
    assert "| Initial weights | 24 | random |" in other


def test_the_card_names_the_items_that_are_not_stated(metrics):
    last = imaging_card(STUDY, metrics)[-1]
    assert last.startswith("- Not stated here")
    for item in ("intended use (3)", "ground truth was determined (15 to 18)", "funding (40 to 42)"):
        assert item in last


def test_each_item_of_the_performance_has_its_interval(metrics):
    text = "\n".join(imaging_card(STUDY, metrics))
    for name in ("roc_auc", "sensitivity_at_specificity_95", "ppv"):
        bounds = f"{metrics[f'{name}_low']:.4f} to {metrics[f'{name}_high']:.4f}"
        assert f"| `{name}` | {metrics[name]:.4f} | {bounds} |" in text


@pytest.mark.slow
def test_patients_answers_and_prevalence_are_stated(metrics):
    study = replace(STUDY, patients={"train": 600, "test": 200}, unlike=0.01, abstain=0.1, prevalence=0.05)
    groups = np.arange(300) // 2
    table = subgroup_table(RISKS, OUTCOMES, {"sex": ["female", "male"] * 150}, groups, 0.4)
    text = "\n".join(imaging_card(study, {**metrics, "answered": 0.88}, table))
    assert "patient: no patient is in two splits or folds" in text
    assert "train: 1,000 images of 600 patients" in text
    assert "images that differ from the training images (limit: 1.0% of these)" in text
    assert "88.0% of the test images are answered" in text
    assert "corrected to a prevalence of 5.0%" in text
    assert "| sex female | 50 of 150 |" in text
    assert "95 % intervals by resampled patients" in text
    assert "all images are answered" in "\n".join(imaging_card(STUDY, metrics))


def test_the_facts_come_from_dataset_options_and_codec(read):
    dataset = read("drawn_xrays", specificity=0.95, epochs=3)
    codec = MedicalCodec(list(dataset.labels), (32, 32, 1), folds=5, threshold=0.5, prevalence=0.2)
    codec.abstention = Abstention(0.1, 0.8)
    study = imaging_study(dataset, codec)
    assert (study.outcome, study.other, study.source) == ("opacity", "normal", "drawn_xrays")
    assert study.images == {"train": dataset.count("train"), "test": dataset.count("test")}
    assert study.cases["test"] == list(dataset["test"].targets).count("opacity")
    assert study.patients["test"] == len(np.unique(dataset["test"].patients))
    assert (study.threshold_rule, study.abstain, study.unlike) == (
        "specificity of 0.95 on out-of-fold probabilities",
        0.1,
        0.0,
    )
    assert study.protocol.endswith("the official test split")
    assert study.training[0].startswith("3 epochs, optimizer adamw")


def test_the_rule_of_the_threshold_is_stated():
    assert threshold_rule(ClassifyOptions.parse({})) == "sensitivity of 0.9 on out-of-fold probabilities"
    by_cost = threshold_rule(ClassifyOptions.parse({"miss_cost": 20}))
    assert by_cost == "lowest cost on out-of-fold probabilities, a missed case as 20 false alarms"


def test_the_card_says_how_other_aspect_ratios_are_resized(metrics):
    text = "\n".join(imaging_card(replace(STUDY, resizing="pad"), metrics))
    assert "| scaled, and padded with black if the aspect ratio is another, to 64x48 pixels, grey, 8 bits |" in text
    assert "cropped to the center" in "\n".join(imaging_card(replace(STUDY, resizing="crop"), metrics))


def test_few_images_cannot_say_which_share_is_refused(metrics):
    few = replace(STUDY, unlike=0.01, images={"train": 60, "test": 300})
    text = "\n".join(imaging_card(few, metrics))
    assert "images that differ from the training images more than each of these from the others" in text
    assert "(limit: " not in text
