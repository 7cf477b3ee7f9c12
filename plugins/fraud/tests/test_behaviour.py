"""Behaviour features: causal, and equal for single transactions and whole tables."""

import numpy as np
import pytest

from plexus_fraud.account_history import AccountHistory
from plexus_fraud.behaviour_features import behaviour_feature_names, behaviour_features
from plexus_fraud.codec import FraudCodec
from plexus_fraud.column_roles import ColumnRoles
from plexus_fraud.decision import DecisionPolicy
from plexus_fraud.feature_columns import FeatureColumn
from plexus_fraud.rolling_windows import RollingWindows
from plexus_fraud.simulation import Simulation, simulate
from plexus_fraud.transaction_encoder import TransactionEncoder
from plexus_fraud.transaction_times import DAY

ROLES = ("customer", "terminal")


@pytest.fixture(scope="module")
def activity():
    """Transactions of fifty customers at twenty terminals in fifty days."""
    simulated = simulate(Simulation(customers=50, terminals=20, days=50, seed=3))
    ids = {role: simulated[role].astype(str).astype(object) for role in ("customer", "terminal")}
    numbers = {"time": simulated["time"].astype(float), "amount": simulated["amount"]}
    return numbers | {"fraud": simulated["fraud"].astype(float)} | ids


def reference_windows(activity, row, delay):
    """Return the window features of the Handbook, computed for one transaction."""
    time = activity["time"]
    of_customer = (activity["customer"] == activity["customer"][row]) & (np.arange(len(time)) <= row)
    of_terminal = (activity["terminal"] == activity["terminal"][row]) & (time <= time[row] - delay)
    counts, means, visible, risks = [], [], [], []
    for days in (1, 7, 30):
        in_window = of_customer & (time > time[row] - days * DAY)
        counts.append(in_window.sum())
        means.append(activity["amount"][in_window].mean())
        visible_transactions = of_terminal & (time > time[row] - delay - days * DAY)
        visible.append(visible_transactions.sum())
        risks.append(activity["fraud"][visible_transactions].mean() if visible_transactions.any() else 0.0)
    return counts, means, visible, risks


def test_windows_equal_those_of_the_handbook(activity):
    delay = 7 * DAY
    features = behaviour_features(activity, delay)
    assert features.shape[1] == len(behaviour_feature_names("customer", "terminal"))
    for row in range(0, len(features), 97):
        counts, means, visible, risks = reference_windows(activity, row, delay)
        np.testing.assert_allclose(features[row, :3], counts)
        np.testing.assert_allclose(features[row, 3:6], means, rtol=1e-5)
        np.testing.assert_allclose(features[row, 8:11], visible)
        np.testing.assert_allclose(features[row, 11:14], risks, rtol=1e-5)


def test_features_do_not_depend_on_the_future(activity):
    """Neither later transactions nor frauds within the reporting delay change a feature."""
    whole, half = behaviour_features(activity, 7 * DAY), len(activity["time"]) // 2
    before = {name: values[:half] for name, values in activity.items()}
    np.testing.assert_allclose(behaviour_features(before, 7 * DAY), whole[:half], rtol=1e-5)
    visible = activity["time"] < activity["time"][half] - 7 * DAY
    hidden = activity | {"fraud": np.where(visible, activity["fraud"], 1 - activity["fraud"])}
    np.testing.assert_allclose(behaviour_features(hidden, 7 * DAY)[half], whole[half], rtol=1e-5)
    own = activity | {"fraud": np.where(np.arange(len(whole)) == half, 1 - activity["fraud"], activity["fraud"])}
    np.testing.assert_array_equal(behaviour_features(own, 0.0)[half], behaviour_features(activity, 0.0)[half])


def one_by_one(activity, start):
    """Return the features of each transaction from a row on, computed one by one, and the history."""
    history, features = AccountHistory(7 * DAY, ROLES), []
    history.extend({name: values[:start] for name, values in activity.items()})
    for row in range(start, len(activity["time"])):
        single = {name: values[row : row + 1] for name, values in activity.items()}
        features.append(history.features(single)[0])
        history.extend(single)
    return np.array(features), history


def test_single_transactions_equal_the_whole_table(activity):
    whole, start = behaviour_features(activity, 7 * DAY), len(activity["time"]) - 300
    features, history = one_by_one(activity, start)
    np.testing.assert_allclose(features, whole[start:], rtol=1e-5, atol=1e-6)
    again = AccountHistory.from_json(history.to_json())
    later = {name: values[-1:] for name, values in activity.items()} | {"time": activity["time"][-1:] + 3600}
    np.testing.assert_allclose(again.features(later), history.features(later), rtol=1e-5)


def test_parts_equal_the_whole(activity):
    whole, history, features = behaviour_features(activity, 7 * DAY), AccountHistory(7 * DAY, ROLES), []
    for rows in np.array_split(np.arange(len(whole)), 7):
        piece = {name: values[rows] for name, values in activity.items()}
        features.append(history.features(piece))
        history.extend(piece)
    np.testing.assert_allclose(np.concatenate(features), whole, rtol=1e-5, atol=1e-6)


def test_repeated_transactions_are_added_once(activity):
    """A table and a transaction that are passed twice."""
    whole, cut = behaviour_features(activity, 7 * DAY), len(activity["time"]) - 300
    history = AccountHistory(7 * DAY, ROLES)
    history.extend(activity)
    history.extend(activity)
    later = {name: values[cut:] for name, values in activity.items()}
    np.testing.assert_allclose(history.features(later), whole[cut:], rtol=1e-5, atol=1e-6)
    single = {name: values[-1:] for name, values in activity.items()}
    np.testing.assert_allclose(history.features(single)[0], whole[-1], rtol=1e-5, atol=1e-6)
    history.extend(single)
    assert len(history) == (activity["time"] >= activity["time"][-1] - 44 * DAY).sum()


def test_the_history_holds_the_last_weeks_only(activity):
    history = AccountHistory(7 * DAY, ROLES)
    history.extend(activity)
    recent = AccountHistory.from_json(history.to_json())
    assert len(recent) == (activity["time"] >= activity["time"][-1] - 44 * DAY).sum() < len(activity["time"])


@pytest.mark.parametrize("role", ROLES)
def test_customers_alone_or_terminals_alone(activity, role):
    same = {name: values for name, values in activity.items() if name not in ROLES or name == role}
    whole, start = behaviour_features(same, 0.0), len(activity["time"]) - 50
    assert whole.shape[1] == len(behaviour_feature_names(*(name if name == role else None for name in ROLES)))
    history = AccountHistory(0.0, [role])
    history.extend({name: values[:start] for name, values in same.items()})
    single = {name: values[start : start + 1] for name, values in same.items()}
    np.testing.assert_allclose(history.features(single)[0], whole[start], rtol=1e-5, atol=1e-6)


def test_missing_ids_have_no_history(activity):
    history = AccountHistory(7 * DAY, ROLES)
    history.extend(activity)
    anonymous = {"time": activity["time"][-1:] + 60, "amount": np.array([9.0]), "fraud": np.zeros(1)}
    anonymous |= {role: np.array([""], object) for role in ROLES}
    (features,) = history.features(anonymous)
    assert len(features) == len(behaviour_feature_names(*ROLES))
    assert features[:3].tolist() == [1, 1, 1]


def test_missing_ids_are_different_accounts(activity):
    some = np.where(np.arange(len(activity["time"])) % 5 == 0, "", activity["customer"]).astype(object)
    mixed = activity | {"customer": some}
    whole = behaviour_features(mixed, 7 * DAY)
    assert (whole[::5, :3] == 1).all()
    start = len(whole) - 50
    features, _ = one_by_one(mixed, start)
    np.testing.assert_allclose(features, whole[start:], rtol=1e-5, atol=1e-6)


def test_copies_are_independent(activity):
    """A copy shares the past; transactions added to it are not in the original."""
    half = len(activity["time"]) // 2
    first = {name: values[:half] for name, values in activity.items()}
    second = {name: values[half:] for name, values in activity.items()}
    single = {name: values[-1:] for name, values in activity.items()}
    history = AccountHistory(7 * DAY, ROLES, first)
    before, rows = history.features(single), len(history)
    copy = history.copy()
    copy.extend(second)
    assert len(history) == rows
    np.testing.assert_array_equal(history.features(single), before)
    assert not np.array_equal(copy.features(single), before)


def test_accounts_with_one_transaction_and_equal_times():
    windows = RollingWindows(np.array([0, 0, 1, 0]), np.array([5.0, 5.0, 5.0, 9.0]))
    counts, sums = windows.aggregate(np.array([1.0, 2.0, 4.0, 8.0]), (4.0, 100.0))
    np.testing.assert_array_equal(counts, [[1, 1], [2, 2], [1, 1], [1, 3]])
    np.testing.assert_array_equal(sums, [[1, 1], [3, 3], [4, 4], [8, 11]])
    np.testing.assert_array_equal(windows.seconds_since_last(50.0), [50, 0, 50, 4])


def single_row(activity, row, **changed):
    return {name: values[row : row + 1] for name, values in activity.items()} | {
        name: np.array([value]) for name, value in changed.items()
    }


@pytest.mark.parametrize("together", [False, True])
def test_a_date_years_ahead_changes_nothing_later(activity, together):
    """The transactions after it have the features that they have without it."""
    start = len(activity["time"]) - 100
    expected, _ = one_by_one(activity, start)
    history = AccountHistory(7 * DAY, ROLES)
    history.extend({name: values[:start] for name, values in activity.items()})
    ahead = single_row(activity, start, time=activity["time"][start] + 3650 * DAY)
    if together:
        before = single_row(activity, start)
        np.testing.assert_allclose(history.features(before)[0], expected[0], rtol=1e-5)
        history.extend({name: np.concatenate([before[name], ahead[name]]) for name in before})
    else:
        history.extend(ahead)
    history = AccountHistory.from_json(history.to_json()).copy()
    for row in range(start + together, len(activity["time"])):
        np.testing.assert_allclose(
            history.features(single_row(activity, row))[0], expected[row - start], rtol=1e-5, atol=1e-6
        )
        history.extend(single_row(activity, row))
    assert history.latest_time == activity["time"][-1]


def test_a_stream_that_goes_on_years_later_is_followed(activity):
    """After a long pause, transactions are features of the next ones from the first on, and the history moves on."""
    half = len(activity["time"]) // 2
    resumed = activity | {"time": activity["time"] + np.where(np.arange(len(activity["time"])) < half, 0, 1000 * DAY)}
    whole = behaviour_features(resumed, 7 * DAY)
    history = AccountHistory(7 * DAY, ROLES)
    history.extend({name: values[:half] for name, values in resumed.items()})
    for row in range(half, half + 60):
        np.testing.assert_allclose(
            history.features(single_row(resumed, row))[0], whole[row], rtol=1e-5, atol=1e-6, err_msg=str(row - half)
        )
        history.extend(single_row(resumed, row))
        if row == half + 3:
            history = AccountHistory.from_json(history.to_json())
    assert history.latest_time == resumed["time"][half + 59]
    all_at_once = AccountHistory(7 * DAY, ROLES)
    all_at_once.extend(resumed)
    assert all_at_once.latest_time == resumed["time"][-1]


def test_a_transaction_is_described_as_one_that_follows_those_of_training():
    columns = (FeatureColumn("channel", categories=("", "web", "shop")), FeatureColumn("items", 2.0))
    roles = ColumnRoles("fraud", time="when", amount="amount", customer="card")
    encoder = TransactionEncoder(roles, "1", columns, dated=True, delay=0.0, time_form="%d/%m/%Y %H:%M")
    history = encoder.empty_history()
    history.extend(
        {"time": np.array([7 * DAY]), "amount": np.ones(1), "fraud": np.zeros(1), "customer": np.array(["a7"], object)}
    )
    codec = FraudCodec(encoder, history, DecisionPolicy(1.0, None, missing_amount=9.5))
    row = {column.name: column.typical for column in codec.describe_rows()}
    assert row == {"when": "08/01/1970 01:00", "card": "", "amount": 9.5, "channel": "web", "items": 2.0}
    assert np.isfinite(codec.encode([row])["x"]).all()
    assert FraudCodec(encoder, encoder.empty_history(), codec.policy).describe_rows()[0].typical == "05/01/2026 12:00"


def test_a_transaction_of_a_saved_history_is_not_its_own_past():
    roles = ColumnRoles("fraud", time="when", amount="amount", customer="card", terminal="shop")
    encoder = TransactionEncoder(roles, "1", (FeatureColumn("amount", 2.0),), dated=False, delay=0.0)
    rows = [{"when": 3600.0 * n, "amount": 61.33 + n / 10, "card": "a", "shop": "b"} for n in range(5)]
    expected = encoder.encode(encoder.read(rows), encoder.empty_history())
    history = encoder.empty_history()
    history.extend(encoder.activity(encoder.read(rows)))
    saved = AccountHistory.from_json(history.to_json())
    single = [encoder.encode(encoder.read([row]), saved) for row in rows]
    np.testing.assert_array_equal(np.concatenate(single), expected)
    np.testing.assert_array_equal(encoder.encode(encoder.read(rows[2:]), saved), expected[2:])
