"""Behaviour before each transaction: from the past alone, and the same one by one as all at once."""

import numpy as np
import pytest

from plexus_fraud.behaviour import behaviour, names_of_behaviour
from plexus_fraud.history import History
from plexus_fraud.simulate import World, simulate
from plexus_fraud.transactions import DAY
from plexus_fraud.windows import Groups

ROLES = ("customer", "terminal")


@pytest.fixture(scope="module")
def given():
    """Transactions of fifty customers at twenty terminals in fifty days."""
    made = simulate(World(customers=50, terminals=20, days=50, seed=3))
    ids = {role: made[role].astype(str).astype(object) for role in ("customer", "terminal")}
    return {"time": made["time"].astype(float), "amount": made["amount"], "fraud": made["fraud"].astype(float)} | ids


def by_hand(given, row, delay):
    """The Handbook's windows, looked up one after another."""
    time = given["time"]
    mine = (given["customer"] == given["customer"][row]) & (np.arange(len(time)) <= row)
    here = (given["terminal"] == given["terminal"][row]) & (time <= time[row] - delay)
    counts, means, known, risks = [], [], [], []
    for days in (1, 7, 30):
        own = mine & (time > time[row] - days * DAY)
        counts.append(own.sum())
        means.append(given["amount"][own].mean())
        there = here & (time > time[row] - delay - days * DAY)
        known.append(there.sum())
        risks.append(given["fraud"][there].mean() if there.any() else 0.0)
    return counts, means, known, risks


def test_windows_are_those_of_the_handbook(given):
    delay = 7 * DAY
    found = behaviour(given, delay)
    assert found.shape[1] == len(names_of_behaviour("customer", "terminal"))
    for row in range(0, len(found), 97):
        counts, means, known, risks = by_hand(given, row, delay)
        np.testing.assert_allclose(found[row, :3], counts)
        np.testing.assert_allclose(found[row, 3:6], means, rtol=1e-5)
        np.testing.assert_allclose(found[row, 8:11], known)
        np.testing.assert_allclose(found[row, 11:14], risks, rtol=1e-5)


def test_nothing_later_is_looked_at(given):
    """What comes after, and what is not known yet to be fraud, changes nothing."""
    whole, half = behaviour(given, 7 * DAY), len(given["time"]) // 2
    before = {name: values[:half] for name, values in given.items()}
    np.testing.assert_allclose(behaviour(before, 7 * DAY), whole[:half], rtol=1e-5)
    known = given["time"] < given["time"][half] - 7 * DAY
    hidden = given | {"fraud": np.where(known, given["fraud"], 1 - given["fraud"])}
    np.testing.assert_allclose(behaviour(hidden, 7 * DAY)[half], whole[half], rtol=1e-5)


def one_by_one(given, start):
    """The features of each from one on, asked for as it arrives; and the history."""
    history, found = History(7 * DAY, ROLES), []
    history.extend({name: values[:start] for name, values in given.items()})
    for row in range(start, len(given["time"])):
        one = {name: values[row : row + 1] for name, values in given.items()}
        found.append(history.features(one)[0])
        history.extend(one)
    return np.array(found), history


def test_one_by_one_is_as_all_at_once(given):
    whole, start = behaviour(given, 7 * DAY), len(given["time"]) - 300
    found, history = one_by_one(given, start)
    np.testing.assert_allclose(found, whole[start:], rtol=1e-5, atol=1e-6)
    again = History.from_json(history.to_json())
    later = {name: values[-1:] for name, values in given.items()} | {"time": given["time"][-1:] + 3600}
    np.testing.assert_allclose(again.features(later), history.features(later), rtol=1e-5)


def test_pieces_are_as_the_whole(given):
    whole, history, found = behaviour(given, 7 * DAY), History(7 * DAY, ROLES), []
    for rows in np.array_split(np.arange(len(whole)), 7):
        piece = {name: values[rows] for name, values in given.items()}
        found.append(history.features(piece))
        history.extend(piece)
    np.testing.assert_allclose(np.concatenate(found), whole, rtol=1e-5, atol=1e-6)


def test_what_was_seen_already_is_not_seen_twice(given):
    """A table that is given again, and a transaction that is asked for again."""
    whole, cut = behaviour(given, 7 * DAY), len(given["time"]) - 300
    history = History(7 * DAY, ROLES)
    history.extend(given)
    history.extend(given)
    later = {name: values[cut:] for name, values in given.items()}
    np.testing.assert_allclose(history.features(later), whole[cut:], rtol=1e-5, atol=1e-6)
    one = {name: values[-1:] for name, values in given.items()}
    np.testing.assert_allclose(history.features(one)[0], whole[-1], rtol=1e-5, atol=1e-6)
    history.extend(one)
    assert len(history.columns["time"]) + history._pile == (given["time"] >= given["time"][-1] - 44 * DAY).sum()


def test_only_weeks_are_kept(given):
    history = History(7 * DAY, ROLES)
    history.extend(given)
    columns = History.from_json(history.to_json()).columns
    assert np.ptp(columns["time"]) <= 44 * DAY
    assert 0 < len(columns["time"]) < len(given["time"])


@pytest.mark.parametrize("role", ROLES)
def test_customers_alone_or_terminals_alone(given, role):
    own = {name: values for name, values in given.items() if name not in ROLES or name == role}
    whole, start = behaviour(own, 0.0), len(given["time"]) - 50
    assert whole.shape[1] == len(names_of_behaviour(*(name if name == role else None for name in ROLES)))
    history = History(0.0, [role])
    history.extend({name: values[:start] for name, values in own.items()})
    one = {name: values[start : start + 1] for name, values in own.items()}
    np.testing.assert_allclose(history.features(one)[0], whole[start], rtol=1e-5, atol=1e-6)


def test_one_transaction_of_nobody_nowhere(given):
    history = History(7 * DAY, ROLES)
    history.extend(given)
    nobody = {"time": given["time"][-1:] + 60, "amount": np.array([9.0]), "fraud": np.zeros(1)}
    nobody |= {role: np.array([""], object) for role in ROLES}
    (found,) = history.features(nobody)
    assert len(found) == len(names_of_behaviour(*ROLES))
    assert found[:3].tolist() == [1, 1, 1]


def test_nobody_knows_whose_an_empty_id_is(given):
    some = np.where(np.arange(len(given["time"])) % 5 == 0, "", given["customer"]).astype(object)
    mixed = given | {"customer": some}
    whole = behaviour(mixed, 7 * DAY)
    assert (whole[::5, :3] == 1).all()
    start = len(whole) - 50
    found, _ = one_by_one(mixed, start)
    np.testing.assert_allclose(found, whole[start:], rtol=1e-5, atol=1e-6)


def test_groups_of_one_and_equal_times():
    groups = Groups(np.array([0, 0, 1, 0]), np.array([5.0, 5.0, 5.0, 9.0]))
    counts, sums = groups.rolling(np.array([1.0, 2.0, 4.0, 8.0]), (4.0, 100.0))
    np.testing.assert_array_equal(counts, [[1, 1], [2, 2], [1, 1], [1, 3]])
    np.testing.assert_array_equal(sums, [[1, 1], [3, 3], [4, 4], [8, 11]])
    np.testing.assert_array_equal(groups.since_last(50.0), [50, 0, 50, 4])
