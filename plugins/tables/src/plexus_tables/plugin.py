"""Registers the tasks and the named data sets of tables with Plexus."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """Register the tasks.

    Returns:
        The entries.
    """
    return [
        Entry(
            "tables.classify",
            "Classification: labels from the rows of a table",
            "plexus_tables.task:Classify",
            data_kinds=("table",),
        ),
        Entry(
            "tables.regress",
            "Regression: numbers from the rows of a table",
            "plexus_tables.regression.task:Regress",
            data_kinds=("table",),
        ),
        Entry(
            "tables.diagnose",
            "Diagnosis: an outcome from the data of patients",
            "plexus_tables.diagnosis.task:Diagnose",
            data_kinds=("table",),
        ),
        Entry(
            "tables.risk",
            "Credit risk: the probability of default of a loan",
            "plexus_tables.risk.task:Risk",
            data_kinds=("table",),
        ),
    ]


@hookimpl
def register_datasets() -> list[Entry]:
    """Register the named data sets.

    Returns:
        The entries.
    """
    module = "plexus_tables.datasets"
    return [
        Entry(
            "breast_cancer",
            "569 tumours, 212 of them malignant, 30 measurements; embedded",
            f"{module}:BREAST_CANCER",
            data_kinds=("table", "rows"),
        ),
        Entry(
            "wine",
            "178 wines of three cultivars, 13 measurements; embedded",
            f"{module}:WINE",
            data_kinds=("table", "rows"),
        ),
        Entry(
            "diabetes",
            "442 patients, progression of diabetes after a year; embedded",
            f"{module}:DIABETES",
            data_kinds=("table", "rows"),
        ),
        Entry(
            "german_credit",
            "1,000 loans, 300 of them bad, 20 attributes",
            f"{module}:GERMAN_CREDIT",
            data_kinds=("table",),
        ),
        Entry(
            "pima_diabetes",
            "768 women, 268 of them with diabetes, 8 measurements",
            f"{module}:PIMA_DIABETES",
            data_kinds=("table",),
        ),
        Entry(
            "banknote_authentication",
            "1,372 banknotes, 610 of them forged",
            f"{module}:BANKNOTES",
            data_kinds=("table",),
        ),
    ]
