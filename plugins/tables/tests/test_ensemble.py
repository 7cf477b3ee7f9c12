"""Members of the ensemble, compared with scikit-learn; weights; predictions of a fold do not depend on its labels."""

import json

import numpy as np
import pytest
from scipy import sparse
from sklearn import ensemble
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge

from plexus.errors import InputError
from plexus_tables import boosting_fitting, ensemble_fitting, member_fitting
from plexus_tables.boosting_fitting import fit_boosting
from plexus_tables.comparison import Comparison
from plexus_tables.decision_trees import tree_features
from plexus_tables.ensemble import Ensemble
from plexus_tables.ensemble_fitting import TrainingRows, fit_ensemble, select_weights
from plexus_tables.forest_member import ForestMember
from plexus_tables.member_fitting import fit_forest, fit_linear, out_of_fold, row_losses
from plexus_tables.options import TableOptions

ROWS, FOLDS, CODES = 240, 3, 14
GENERATOR = np.random.default_rng(0)
ARRAYS = {
    "numbers": GENERATOR.normal(size=(ROWS, 4)).astype(np.float32),
    "indicators": GENERATOR.integers(0, 2, (ROWS, 3)).astype(np.float32),
    "codes": GENERATOR.integers(0, CODES, (ROWS, 1)).astype(np.int32),
}
COLUMNS = {"numbers": np.arange(4), "indicators": np.arange(4, 7), "codes": np.array([7])}
SIGNAL = ARRAYS["numbers"][:, 0] + ARRAYS["indicators"][:, 1] + (ARRAYS["codes"][:, 0] % 3) / 2
NUMBERS = (SIGNAL + GENERATOR.normal(size=ROWS) / 2 - SIGNAL.mean()) / SIGNAL.std()
CLASSES = np.searchsorted(np.quantile(SIGNAL, [0.4, 0.7]), SIGNAL + GENERATOR.normal(size=ROWS) / 4)
FOLD = np.arange(ROWS) % FOLDS
# In float32, as the members are fitted; code 0, of new categories, has no coefficient.
INDICATORS = np.eye(CODES, dtype=np.float32)[ARRAYS["codes"][:, 0]][:, 1:]
DESIGN = sparse.csr_matrix(np.concatenate([ARRAYS["numbers"], ARRAYS["indicators"], INDICATORS], axis=1))
TARGETS = {1: NUMBERS, 2: np.minimum(CLASSES, 1), 3: CLASSES}


@pytest.fixture
def few_trees(monkeypatch):
    """Forests of few trees, one penalty, and few boosted trees: these tests need no good ones."""
    monkeypatch.setattr(member_fitting, "TREES", 8)
    monkeypatch.setattr(member_fitting, "PENALTIES", (0.3,))
    monkeypatch.setattr(boosting_fitting, "MAX_ROUNDS", 1)
    monkeypatch.setattr(boosting_fitting, "SMALL_TABLES", boosting_fitting.SMALL_TABLES[:1])


def predictor_of(predictions):
    return lambda arrays: {"network": predictions}


def restored(member):
    return type(member).from_json(json.loads(json.dumps(member.to_json())))


def members_of(targets, labels):
    return (
        fit_linear(ARRAYS, [CODES], targets, labels, FOLD),
        fit_forest(ARRAYS, targets, labels, FOLD, seed=0, threads=1),
        fit_boosting(ARRAYS, targets, labels, FOLD, seed=0, threads=2),
    )


@pytest.mark.parametrize("labels", [1, 2, 3])
def test_linear_members_equal_scikit_learn(labels, monkeypatch):
    monkeypatch.setattr(member_fitting, "PENALTIES", (0.3,))
    monkeypatch.setattr(member_fitting, "RIDGE_PENALTIES", (0.3,))
    targets = TARGETS[labels]
    predictions = restored(fit_linear(ARRAYS, [CODES], targets, labels, FOLD)).predict(ARRAYS)
    assert predictions.shape == (ROWS, FOLDS, labels)
    for fold in range(FOLDS):
        rows = fold != FOLD
        if labels == 1:
            expected = Ridge(0.3).fit(DESIGN[rows], targets[rows]).predict(DESIGN)[:, None]
        else:
            model = LogisticRegression(C=0.3, max_iter=1000).fit(DESIGN[rows], targets[rows])
            expected = model.predict_proba(DESIGN)
        np.testing.assert_allclose(predictions[:, fold], expected, atol=1e-6)


def test_the_penalty_is_the_best_out_of_fold():
    member = fit_linear(ARRAYS, [CODES], CLASSES, 3, FOLD)
    losses = []
    for penalty in member_fitting.PENALTIES:
        predictions = np.zeros((ROWS, 3))
        for fold in range(FOLDS):
            rows = fold != FOLD
            model = LogisticRegression(C=penalty, max_iter=1000).fit(DESIGN[rows], CLASSES[rows])
            predictions[~rows] = model.predict_proba(DESIGN[~rows])
        losses.append(row_losses(predictions, CLASSES).mean())
    loss = row_losses(out_of_fold(member.predict(ARRAYS), FOLD), CLASSES).mean()
    assert loss == pytest.approx(min(losses), abs=1e-5)


@pytest.mark.parametrize("labels", [1, 2, 3])
def test_forests_equal_scikit_learn(labels):
    targets, forests = TARGETS[labels], []
    for fold in range(FOLDS):
        make = RandomForestRegressor if labels == 1 else RandomForestClassifier
        rows = fold != FOLD
        forest = make(n_estimators=7, min_samples_leaf=2, random_state=fold)
        forests.append(forest.fit(tree_features(ARRAYS)[rows], targets[rows]))
    classes = [np.zeros(1, int) if labels == 1 else forest.classes_ for forest in forests]
    member = restored(ForestMember.from_trees([forest.estimators_ for forest in forests], classes, labels))
    predictions, x = member.predict(ARRAYS), tree_features(ARRAYS)
    for fold, forest in enumerate(forests):
        expected = forest.predict(x)[:, None] if labels == 1 else forest.predict_proba(x)
        np.testing.assert_allclose(predictions[:, fold], expected, atol=1e-6)


def test_forests_in_parts_equal_those_of_all_rows(monkeypatch):
    member = fit_forest(ARRAYS, CLASSES, 3, FOLD, seed=0, threads=1)
    whole = member.predict(ARRAYS)
    monkeypatch.setattr("plexus_tables.decision_trees.CHUNK", 50 * len(member.trees))
    np.testing.assert_array_equal(member.predict(ARRAYS), whole)
    assert member.predict({name: array[:0] for name, array in ARRAYS.items()}).shape == (0, FOLDS, 3)


@pytest.mark.slow
@pytest.mark.parametrize("labels", [1, 2, 3])
@pytest.mark.parametrize("large", [False, True])
def test_boosted_trees_equal_scikit_learn(labels, large, monkeypatch):
    """The rounds are the best ones out of fold, and the arrays predict as scikit-learn's models of as many rounds."""
    monkeypatch.setattr(boosting_fitting, "LARGE_ROWS", 0 if large else ROWS * labels + 1)
    targets, rounds = TARGETS[labels], 100
    monkeypatch.setattr(boosting_fitting, "MAX_ROUNDS", rounds)
    settings = (boosting_fitting.LARGE_TABLES if large else boosting_fitting.SMALL_TABLES)[0]
    monkeypatch.setattr(boosting_fitting, "SMALL_TABLES", (settings,))
    member = restored(fit_boosting(ARRAYS, targets, labels, FOLD, seed=4, threads=2))
    kind = "Regressor" if labels == 1 else "Classifier"
    make = getattr(ensemble, f"{'Hist' if large else ''}GradientBoosting{kind}")
    x, stages = tree_features(ARRAYS), []
    for fold in range(FOLDS):
        rows = fold != FOLD
        model = make(**settings, random_state=4 + fold, **{"max_iter" if large else "n_estimators": rounds})
        model.fit(x[rows], targets[rows])
        staged = model.staged_predict(x) if labels == 1 else model.staged_predict_proba(x)
        stages.append([stage.reshape(ROWS, labels) for stage in staged])
    by_round = np.array(stages).transpose(1, 2, 0, 3)
    losses = [row_losses(out_of_fold(predictions, FOLD), targets).mean() for predictions in by_round]
    np.testing.assert_allclose(member.predict(ARRAYS), by_round[int(np.argmin(losses))], atol=1e-5)


@pytest.mark.parametrize(("most", "rounds"), [(3 * FOLDS * 4, 4), (1, 1)])
def test_many_labels_have_fewer_rounds(most, rounds, monkeypatch):
    monkeypatch.setattr(boosting_fitting, "MAX_TREES", most)
    member = fit_boosting(ARRAYS, CLASSES, 3, FOLD, seed=0, threads=1)
    assert len(member.trees) == 3 * FOLDS * rounds  # the loss still falls with each of them
    assert np.bincount(member.sums).tolist() == [rounds] * 3 * FOLDS


def test_labels_that_are_missing_in_the_training_rows_of_a_fold(few_trees):
    """A label that only fold 0 has is nearly impossible for the models of fold 0; those of other folds know it."""
    targets = np.minimum(CLASSES, 1)
    targets[[0, 3, 6, 9, 12]] = 2
    assert set(FOLD[targets == 2]) == {0}
    for member in members_of(targets, 3):
        predictions = restored(member).predict(ARRAYS)
        np.testing.assert_allclose(predictions.sum(axis=2), 1, atol=1e-6)
        assert predictions[:, 0, 2].max() < 1e-4
        assert predictions[:, 1, 2].max() > 0.01


@pytest.mark.slow
def test_a_fold_whose_training_rows_have_one_label_only():
    targets = np.zeros(ROWS, int)
    targets[[0, 3]] = 1
    for member in members_of(targets, 2):
        assert member.predict(ARRAYS)[:, 0, 1].max() < 1e-5


def test_codes_alone():
    arrays = {"codes": ARRAYS["codes"]}
    member = fit_linear(arrays, [CODES], NUMBERS, 1, FOLD)
    assert member.kernel.shape == (FOLDS, 0, 1)
    new = restored(member).predict({"codes": np.zeros((1, 1), np.int32)})
    np.testing.assert_allclose(new[0], member.bias)  # a new category has the intercept
    assert fit_forest(arrays, NUMBERS, 1, FOLD, seed=0, threads=1).predict(arrays).shape == (ROWS, FOLDS, 1)


def test_the_best_mixture_has_the_weights():
    """Two models whose errors cancel out: half of each is exact, to which a third model adds nothing."""
    targets = GENERATOR.normal(size=100)
    error = GENERATOR.normal(size=100)
    predictions = {"a": targets + error, "b": targets - error, "c": targets + 5}
    weights = select_weights({name: values[:, None] for name, values in predictions.items()}, targets)
    assert weights == {"a": 0.5, "b": 0.5}
    # Errors of e and -3e are exact with weights of 3/4 and 1/4.
    weights = select_weights({"a": (targets + error)[:, None], "b": (targets - 3 * error)[:, None]}, targets)
    assert weights == {"a": 0.75, "b": 0.25}
    assert select_weights({"a": targets[:, None], "b": targets[:, None] + 1}, targets) == {"a": 1.0}


def test_weights_of_labels():
    sure, unsure = np.array([[0.9, 0.1]] * 10), np.array([[0.5, 0.5]] * 10)
    targets = np.array([0] * 7 + [1] * 3)  # the best constant probability is 0.7
    assert select_weights({"sure": sure, "unsure": unsure}, targets) == {"sure": 0.5, "unsure": 0.5}


def test_predictions_that_are_no_numbers_are_refused():
    with pytest.raises(InputError, match="not a number"):
        Ensemble({"network": 1.0}, {}).combine(np.full((2, 3, 1), np.nan), ARRAYS)


def test_row_losses():
    np.testing.assert_allclose(
        row_losses(np.array([[0.25, 0.75], [1.0, 0.0]]), np.array([1, 1])), [-np.log(0.75), -np.log(1e-7)]
    )
    np.testing.assert_allclose(row_losses(np.array([[0.5], [2.0]]), np.array([1.0, -1.0])), [0.25, 9.0])


def test_the_networks_of_large_tables_are_used_alone_unless_the_ensemble_is_clearly_better(few_trees, monkeypatch):
    monkeypatch.setattr(ensemble_fitting, "LARGE_ROWS", ROWS)
    rows = TrainingRows(ARRAYS, [CODES], COLUMNS, CLASSES, 3, FOLD)
    perfect = np.repeat(np.eye(3)[CLASSES][:, None] * 0.97 + 0.01, FOLDS, axis=1)
    ignorant = np.full((ROWS, FOLDS, 3), 1 / 3)
    ensemble, comparison, predictions = fit_ensemble(predictor_of(perfect), rows, TableOptions.parse({}))
    assert ensemble.weights == {"network": 1.0}
    assert not ensemble.members
    np.testing.assert_array_equal(predictions, perfect)
    assert comparison[0].model == "network"
    assert {row.model for row in comparison} == {"network", "linear", "forest", "ensemble", "boosting"}
    ensemble, comparison, predictions = fit_ensemble(predictor_of(ignorant), rows, TableOptions.parse({}))
    assert comparison[0].model == "ensemble"
    assert comparison[0].loss == pytest.approx(row_losses(out_of_fold(predictions, FOLD), CLASSES).mean())
    assert sum(ensemble.weights.values()) == pytest.approx(1)
    members = {name: ensemble.members[name].predict(ARRAYS) for name in ensemble.members} | {"network": ignorant}
    expected = sum(weight * members[name] for name, weight in ensemble.weights.items())
    np.testing.assert_allclose(ensemble.combine(ignorant, ARRAYS), expected)
    again = Ensemble.from_json(json.loads(json.dumps(ensemble.to_json())))
    np.testing.assert_allclose(again.combine(ignorant, ARRAYS), expected, atol=1e-6)


def test_small_tables_have_the_ensemble(few_trees):
    rows = TrainingRows(ARRAYS, [CODES], COLUMNS, CLASSES, 3, FOLD)
    good = np.repeat(np.eye(3)[CLASSES][:, None] * 0.4 + 0.2, FOLDS, axis=1)
    ensemble, comparison, _ = fit_ensemble(predictor_of(good), rows, TableOptions.parse({}))
    assert comparison[0].model == "ensemble"
    assert set(ensemble.weights) > {"network"}


def test_models_that_are_better_are_named(few_trees, capsys):
    rows = TrainingRows(ARRAYS, [CODES], COLUMNS, CLASSES, 3, FOLD)
    ignorant = np.full((ROWS, FOLDS, 3), 1 / 3)
    fit_ensemble(predictor_of(ignorant), rows, TableOptions.parse({"model": "network"}))
    lines = capsys.readouterr().err
    assert "model: network" in lines
    assert "linear is better out of fold by 0." in lines


def test_intervals_of_differences():
    losses = {"used": np.array([1.0, 2.0, 3.0, 4.0]), "other": np.array([1.0, 3.0, 3.0, 5.0])}
    used, other = Comparison.of_losses(losses, "used")
    assert (used.model, used.loss, used.difference, used.low, used.high) == ("used", 2.5, 0, 0, 0)
    assert (other.difference, other.high - other.low) == (0.5, pytest.approx(2 * 1.96 * 0.5 / 2))


@pytest.mark.parametrize("labels", [1, 3])
@pytest.mark.slow
def test_the_heads_of_a_fold_do_not_depend_on_its_labels(labels):
    """Two trainings whose labels in fold 0 differ: the networks of fold 0 are the same to the last bit."""
    first = trained_heads(TARGETS[labels], labels)
    changed = TARGETS[labels].copy()
    changed[FOLD == 0] = np.random.default_rng(1).permutation(changed[FOLD == 0])[::-1]
    second = trained_heads(changed, labels)
    heads = np.arange(first.shape[1]) % FOLDS
    np.testing.assert_array_equal(first[:, heads == 0], second[:, heads == 0])
    assert np.abs(first[:, heads != 0] - second[:, heads != 0]).max() > 1e-4
    assert np.ptp(first[:, heads == 0], axis=0).min() > 1e-3  # they have learned something


def trained_heads(targets, labels):
    """Train networks without a global gradient norm, and return the outputs of all heads for all rows."""
    import keras

    from plexus_tables.column_encoder import ColumnEncoder
    from plexus_tables.learner import FOLD as FOLD_INPUT
    from plexus_tables.learner import TableLearner
    from plexus_tables.network import build_network
    from plexus_tables.table_encoder import TableEncoder

    columns = [ColumnEncoder(f"n{place}", "numeric", (0.0,), (1.0,), -1, 1) for place in range(4)]
    columns += [ColumnEncoder("color", "categorical", categories=("a", "b", "c"))]
    columns += [ColumnEncoder("town", "categorical", categories=tuple(f"t{place}" for place in range(CODES - 1)))]
    options = TableOptions.parse({"folds": FOLDS, "bags": 2, "width": 16, "depth": 2, "epochs": 1})
    keras.utils.set_random_seed(3)
    network = build_network(TableEncoder(columns), labels, "selu", options)
    learner = TableLearner(network, FOLDS)
    learner.compile(optimizer=keras.optimizers.AdamW(0.01, weight_decay=0.1))
    x = {**ARRAYS, FOLD_INPUT: FOLD.astype(np.int32)}
    y = targets.astype(np.int32) if labels > 1 else targets.astype(np.float32)[:, None]
    learner.fit(x, y, batch_size=48, epochs=3, shuffle=False, verbose=0)
    return np.asarray(learner(x, training=False))
