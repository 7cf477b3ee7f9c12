"""Simulated insurance claims: mostly categorical columns, no amount, no time, drift over the order of the file."""

import numpy as np
import polars as pl

ROWS, RATE = 15_000, 0.06
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORDINALS = {
    "price": ("less than 20000", "20000 to 29000", "30000 to 39000", "40000 to 59000", "more than 59000"),
    "age_of_vehicle": ("new", "2 years", "3 years", "4 years", "5 years", "6 years", "7 years", "more than 7"),
    "age_of_holder": ("16 to 17", "18 to 20", "21 to 25", "26 to 30", "31 to 40", "41 to 50", "51 to 65", "over 65"),
    "past_claims": ("none", "1", "2 to 4", "more than 4"),
    "supplements": ("none", "1 to 2", "3 to 5", "more than 5"),
    "cars": ("1 vehicle", "2 vehicles", "3 to 4", "5 to 8", "more than 8"),
}
RARE = {
    "days_to_accident": (("none", "1 to 7", "8 to 15", "15 to 30", "more than 30"), 0.005),
    "address_change": (("under 6 months", "1 year", "2 to 3 years", "4 to 8 years", "no change"), 0.02),
}
BASES, CATEGORIES = ("Liability", "Collision", "All Perils"), ("Sedan", "Sport", "Utility")


class _Claims:
    """Columns that are added one by one, and the log-odds of fraud.

    Args:
        seed: Random seed.
    """

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.place = np.arange(ROWS) / ROWS
        self.columns: dict[str, np.ndarray] = {}
        self.logits = self.random.normal(0, 0.3, ROWS) - 0.4 * self.place

    def codes(self, count: int, concentration: float, drift: float) -> np.ndarray:
        """Draw categories whose shares change along the file."""
        first, other = self.random.dirichlet(np.full(count, concentration), 2)
        last = (1 - drift) * first + drift * other
        shares = (1 - self.place)[:, None] * first + self.place[:, None] * last
        return (self.random.random(ROWS)[:, None] > shares.cumsum(axis=1)).sum(axis=1).clip(0, count - 1)

    def add(self, name: str, levels: tuple[str, ...], codes: np.ndarray, effects: np.ndarray) -> None:
        """Add a column of texts and its effect."""
        self.columns[name] = np.array(levels, object)[codes]
        self.logits += effects[codes]

    def add_interactions(self) -> None:
        """Add fault and policy, which act together, and a type that repeats two columns."""
        fault, base = (self.random.random(ROWS) < 0.27).astype(int), self.codes(3, 6, 0.15)
        strength = self.random.uniform(0.7, 1.3)
        self.logits += strength * np.array([[-2.2, 0.9, 1.1], [-2.6, -1.3, -1.0]])[fault, base]
        usual = np.array([1, 0, 0])[base]
        category = np.where(self.random.random(ROWS) < 0.85, usual, self.random.integers(0, 3, ROWS))
        self.columns["fault"] = np.array(["holder", "third party"], object)[fault]
        self.columns["base"] = np.array(BASES, object)[base]
        self.columns["category"] = np.array(CATEGORIES, object)[category]
        self.columns["type"] = np.array(
            [f"{CATEGORIES[c]} - {BASES[b]}" for c, b in zip(category, base, strict=True)], object
        )
        age = np.clip(self.random.normal(40, 13, ROWS), 16, 80).astype(int)
        self.columns["age"] = age
        self.logits += 0.3 * (age < 26) + 0.7 * ((category == 0) & (age < 35))

    def add_categories(self) -> None:
        """Add ordered, rare and other categories."""
        for name, levels in ORDINALS.items():
            steps, strength = np.linspace(-1, 1, len(levels)), self.random.normal(0, 0.4)
            self.add(name, levels, self.codes(len(levels), 3, 0.2), strength * (steps + 0.5 * steps**2))
        for name, (levels, share) in RARE.items():
            shares = np.full(len(levels), share)
            shares[-1] = 1 - shares[:-1].sum()
            effects = np.append(self.random.normal(0.6, 0.6, len(levels) - 1), 0.0)
            self.add(name, levels, self.random.choice(len(levels), ROWS, p=shares), effects)
        makes = tuple(f"make {number}" for number in range(19))
        self.add("make", makes, self.codes(19, 0.35, 0.15), self.random.normal(0, 0.25, 19))
        for name in ("area", "sex", "agent", "police", "witness"):
            yes = (self.random.random(ROWS) < self.random.uniform(0.006, 0.2)).astype(int)
            self.add(name, ("no", "yes"), yes, np.array([0, self.random.normal(0, 0.5)]))

    def add_calendar(self) -> None:
        """Add months and days, which hardly matter, an identifier and the year."""
        month = np.floor(self.place * 34).astype(int) % 12
        month = np.where(self.random.random(ROWS) < 0.6, self.random.integers(0, 12, ROWS), month)
        self.add("month", MONTHS, month, self.random.normal(0, 0.12, 12))
        for name in ("day", "day_claimed"):
            self.add(name, DAYS, self.random.integers(0, 7, ROWS), self.random.normal(0, 0.05, 7))
        for name, count in {"week": 5, "week_claimed": 5, "rating": 4, "representative": 16}.items():
            self.columns[name] = self.random.integers(1, count + 1, ROWS)
        self.columns["policy_number"] = np.arange(1, ROWS + 1)
        self.columns["year"] = 1994 + np.floor(self.place * 2.95).astype(int)


def simulate_claims(seed: int) -> pl.DataFrame:
    """Simulate a table of claims, of which about 6 % are frauds, in column `fraud`."""
    claims = _Claims(seed)
    claims.add_interactions()
    claims.add_categories()
    claims.add_calendar()
    low, high = -15.0, 5.0
    for _ in range(50):
        middle = (low + high) / 2
        is_high = (1 / (1 + np.exp(-claims.logits - middle))).mean() > RATE
        low, high = (low, middle) if is_high else (middle, high)
    fraud = claims.random.random(ROWS) < 1 / (1 + np.exp(-claims.logits - low))
    return pl.DataFrame(claims.columns | {"fraud": fraud.astype(int)})
