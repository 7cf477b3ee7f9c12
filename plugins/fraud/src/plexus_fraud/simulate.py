"""Customers, terminals and fraud, made up."""

from dataclasses import dataclass

import numpy as np

DAY = 86_400
START = 1_704_067_200
"""2024-01-01, in seconds since 1970."""


@dataclass(frozen=True)
class World:
    """How many customers and terminals there are, for how many days (after Le Borgne et al. 2022, chapter 3).

    Customers live somewhere, pay with habits of their own at terminals that are near; three kinds of fraud: amounts
    that are far too high, terminals that are compromised for a week, and cards that are stolen for a few days.
    """

    customers: int = 1200
    terminals: int = 400
    days: int = 60
    seed: int = 0


def simulate(world: World) -> dict[str, np.ndarray]:
    """Transactions in the order of time: `time`, `customer`, `terminal`, `amount`, `fraud`."""
    generator = np.random.default_rng(world.seed)
    home, shop = generator.uniform(0, 100, (world.customers, 2)), generator.uniform(0, 100, (world.terminals, 2))
    near = np.argsort(((home[:, None] - shop[None]) ** 2).sum(axis=2), axis=1)[:, :12]
    mean, rate = generator.uniform(5, 100, world.customers), generator.uniform(0, 4, world.customers)
    counts = generator.poisson(np.repeat(rate[:, None], world.days, axis=1))
    customer = np.repeat(np.repeat(np.arange(world.customers), world.days), counts.ravel())
    day = np.repeat(np.tile(np.arange(world.days), world.customers), counts.ravel())
    second = generator.normal(DAY / 2, DAY / 5, len(day))
    kept = (second > 0) & (second < DAY)
    customer, day, second = customer[kept], day[kept], second[kept]
    order = np.argsort(day * DAY + second, kind="stable")
    customer, day, second = customer[order], day[order], second[order].astype(np.int64)
    terminal = near[customer, generator.integers(0, near.shape[1], len(customer))]
    amount = np.abs(generator.normal(mean[customer], mean[customer] / 2))
    fraud = _defraud(world, generator, customer, terminal, day, amount)
    return {
        "time": START + day * DAY + second,
        "customer": customer,
        "terminal": terminal,
        "amount": np.round(amount, 2),
        "fraud": fraud.astype(np.int64),
    }


def _defraud(
    world: World,
    generator: np.random.Generator,
    customer: np.ndarray,
    terminal: np.ndarray,
    day: np.ndarray,
    amount: np.ndarray,
) -> np.ndarray:
    fraud = amount > 220
    for today in range(world.days):
        for place in generator.choice(world.terminals, generator.poisson(world.terminals / 2000), replace=False):
            fraud |= (terminal == place) & (day >= today) & (day < today + 14) & (generator.random(len(day)) < 0.9)
        for victim in generator.choice(world.customers, generator.poisson(world.customers / 1000), replace=False):
            stolen = (customer == victim) & (day >= today) & (day < today + 7) & (generator.random(len(day)) < 0.4)
            amount[stolen] *= 4
            fraud |= stolen
    return fraud
