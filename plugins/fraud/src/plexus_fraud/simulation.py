"""Simulated transactions with fraud."""

from dataclasses import dataclass

import numpy as np

SECONDS_PER_DAY = 86_400
START = 1_704_067_200
"""2024-01-01, in seconds since 1970."""
NEAREST_TERMINALS = 12
HIGH_AMOUNT = 220


@dataclass(frozen=True)
class Simulation:
    """Size of a simulation (after Le Borgne et al. 2022, Fraud Detection Handbook, chapter 3).

    Customers have a location and spending habits, and pay at terminals nearby. There are three kinds of fraud: amounts
    that are far too high, terminals that are compromised for two weeks, and cards that are stolen for a week.

    Args:
        customers: Number of customers.
        terminals: Number of terminals.
        days: Number of days.
        seed: Random seed.

    Example:
        ```python
        transactions = simulate(Simulation(customers=400, terminals=150, days=45))
        ```
    """

    customers: int = 1200
    terminals: int = 400
    days: int = 60
    seed: int = 0


def simulate(simulation: Simulation) -> dict[str, np.ndarray]:
    """Simulate transactions.

    Args:
        simulation: Size and seed.

    Returns:
        `time`, `customer`, `terminal`, `amount` and `fraud`, each of shape `(n,)`, in the order of time.
    """
    generator, size = np.random.default_rng(simulation.seed), simulation
    homes, shops = generator.uniform(0, 100, (size.customers, 2)), generator.uniform(0, 100, (size.terminals, 2))
    near = np.argsort(((homes[:, None] - shops[None]) ** 2).sum(axis=2), axis=1)[:, :NEAREST_TERMINALS]
    mean, rate = generator.uniform(5, 100, size.customers), generator.uniform(0, 4, size.customers)
    counts = generator.poisson(np.repeat(rate[:, None], size.days, axis=1))
    customer = np.repeat(np.repeat(np.arange(size.customers), size.days), counts.ravel())
    day = np.repeat(np.tile(np.arange(size.days), size.customers), counts.ravel())
    second = generator.normal(SECONDS_PER_DAY / 2, SECONDS_PER_DAY / 5, len(day))
    in_day = (second > 0) & (second < SECONDS_PER_DAY)
    customer, day, second = customer[in_day], day[in_day], second[in_day]
    order = np.argsort(day * SECONDS_PER_DAY + second, kind="stable")
    customer, day, second = customer[order], day[order], second[order].astype(np.int64)
    terminal = near[customer, generator.integers(0, near.shape[1], len(customer))]
    amount = np.abs(generator.normal(mean[customer], mean[customer] / 2))
    fraud = _add_fraud(simulation, generator, customer, terminal, day, amount)
    return {
        "time": START + day * SECONDS_PER_DAY + second,
        "customer": customer,
        "terminal": terminal,
        "amount": np.round(amount, 2),
        "fraud": fraud.astype(np.int64),
    }


def _add_fraud(
    simulation: Simulation,
    generator: np.random.Generator,
    customer: np.ndarray,
    terminal: np.ndarray,
    day: np.ndarray,
    amount: np.ndarray,
) -> np.ndarray:
    """Return which transactions are fraud; the amounts of stolen cards are multiplied in place."""
    fraud = amount > HIGH_AMOUNT
    for today in range(simulation.days):
        compromised = generator.poisson(simulation.terminals / 2000)
        for place in generator.choice(simulation.terminals, compromised, replace=False):
            in_weeks = (day >= today) & (day < today + 14)
            fraud |= (terminal == place) & in_weeks & (generator.random(len(day)) < 0.9)
        stolen = generator.poisson(simulation.customers / 1000)
        for victim in generator.choice(simulation.customers, stolen, replace=False):
            in_week = (day >= today) & (day < today + 7)
            misused = (customer == victim) & in_week & (generator.random(len(day)) < 0.4)
            amount[misused] *= 4
            fraud |= misused
    return fraud
