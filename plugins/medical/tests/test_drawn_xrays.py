"""The X-rays that the project draws."""

import time

import numpy as np

from plexus_medical.drawn_xrays import draw_xrays


def test_they_are_the_same_each_time():
    first, again, other = draw_xrays(), draw_xrays(), draw_xrays(seed=1)
    for split, count in (("train", 400), ("test", 120)):
        assert first[split].images.shape == (count, 32, 32)
        assert first[split].images.dtype == np.uint8
        assert np.array_equal(first[split].images, again[split].images)
        assert not np.array_equal(first[split].images, other[split].images)
        assert 0.35 < first[split].outcomes.mean() < 0.45


def test_patients_have_one_to_three_images_in_one_split():
    xrays = draw_xrays()
    counts = np.unique(xrays["train"].patients, return_counts=True)[1]
    assert set(counts.tolist()) == {1, 2, 3}
    assert not set(xrays["train"].patients.tolist()) & set(xrays["test"].patients.tolist())
    for part in xrays.values():
        assert all(len(set(part.outcomes[part.patients == patient])) == 1 for patient in part.patients)


def test_drawing_is_fast():
    start = time.process_time()
    draw_xrays()
    assert time.process_time() - start < 1


def test_a_linear_model_does_not_solve_them():
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    xrays = draw_xrays()
    train, test = xrays["train"], xrays["test"]
    for penalty in (1e-3, 1.0):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=penalty, max_iter=300))
        model.fit(train.images.reshape(400, -1), train.outcomes)
        area = roc_auc_score(test.outcomes, model.decision_function(test.images.reshape(120, -1)))
        assert area < 0.8


def test_the_named_set(read):
    dataset = read("drawn_xrays")
    assert dataset.labels == ("normal", "opacity")
    assert dataset.has_patients
    assert dataset.findings.lines() == []
    assert dataset.evaluation_protocol == "on 120 images of 62 patients, the official test split"
    train = dataset["train"]
    assert train.inputs.shape == (400, 32, 32)
    for patient in set(train.patients.tolist()):
        assert len(set(dataset.folds[train.patients == patient])) == 1
    shares = [np.mean(np.array(train.targets)[dataset.folds == fold] == "opacity") for fold in range(5)]
    assert np.ptp(shares) < 0.06
