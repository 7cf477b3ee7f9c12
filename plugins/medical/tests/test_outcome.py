"""The two labels of a binary outcome."""

import pytest

from plexus import Findings, InputError
from plexus_medical.codec import MedicalCodec
from plexus_medical.outcome import outcome_labels, remark_merged, to_outcomes


@pytest.mark.parametrize(
    ("negative", "positive"),
    [
        ("NORMAL", "PNEUMONIA"),
        ("benign", "malignant"),
        ("0", "1"),
        ("no_tumor", "tumor"),
        ("non-covid", "covid"),
        ("healthy", "Normal variant?"),
        ("scar", "abnormal"),
        ("0", "2"),
    ],
)
def test_the_names_decide_not_the_frequencies(negative, positive, capsys):
    assert outcome_labels([positive] * 9 + [negative], None, "data") == (negative, positive)
    assert f"positive label: {positive} (9 of 10 images)" in capsys.readouterr().err


@pytest.mark.parametrize("labels", [("left", "right"), ("1", "2"), ("normal", "healthy"), ("a", "b")])
def test_names_that_do_not_decide(labels):
    if labels == ("1", "2"):
        assert outcome_labels(labels, None, "data") == ("2", "1")
        return
    with pytest.raises(InputError, match=r"data: name the label of the outcome with --positive: "):
        outcome_labels(labels, None, "data")


def test_several_labels_become_one():
    labels = outcome_labels(["a", "b", "c"], "b", "data")
    assert labels == ("not b", "b")
    assert to_outcomes(["a", "b", "c"], labels) == ["not b", "b", "not b"]
    assert outcome_labels(["a", "b"], "a", "data") == ("b", "a")


def test_one_label():
    with pytest.raises(InputError, match="expected images with and without the outcome, found one label only, 'a'"):
        outcome_labels(["a", "a"], "a", "data")


def test_merged_labels_are_listed():
    findings = Findings(strict=True)
    remark_merged(["b", "a", "b", "a", "a"], "b", findings)
    assert findings.lines() == []
    remark_merged(["normal", "ill", "scar", "normal"], "ill", findings)
    assert findings.lines() == ["2 labels are merged into one negative label: 'normal' (2); 'scar' (1)"]


def test_a_negative_label_of_all_others_accepts_a_named_one():
    codec = MedicalCodec(["not ill", "ill"], (8, 8, 1), 2)
    assert codec.outcomes(["normal", "ill", "not ill", "scar"]).tolist() == [0, 1, 0, 0]


def test_a_named_negative_label_accepts_that_of_all_others_but_no_third_name():
    codec = MedicalCodec(["normal", "ill"], (8, 8, 1), 2)
    assert codec.outcomes(["not ill", "ill", "normal"]).tolist() == [0, 1, 0]
    with pytest.raises(InputError, match="label 'scar' is not one of the model's labels: normal, ill"):
        codec.outcomes(["scar"])
