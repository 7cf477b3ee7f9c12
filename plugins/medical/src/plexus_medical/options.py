"""Hyperparameters of the classification of medical images, and the data it reads: flags of `medical.classify`."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from plexus import Options

DEFAULT_SENSITIVITY = 0.9
"""Sensitivity that the threshold is chosen for if no rule is stated."""


class ClassifyOptions(Options):
    """Options of `medical.classify`.

    Example:
        ```python
        ClassifyOptions.parse({"data": "xrays.csv", "positive": "pneumonia", "patient": "patient", "specificity": 0.95})
        ```
    """

    defaults: ClassVar[dict[str, object]] = {
        "data": "pneumoniamnist",
        "epochs": None,
        "batch_size": 128,
        "learning_rate": 4e-3,
        "weight_decay": 0.05,
        "evaluate_every": None,
    }
    data_options = frozenset({"data", "unlabelled"})

    unlabelled: str | None = Field(
        None,
        description="Images without labels to learn from as well: a folder, an archive, arrays or a named data set.",
    )

    positive: str | None = Field(
        None,
        description="Label of the outcome; of two labels by default inferred from their names. All other labels become "
        "one negative label.",
    )
    patient: str | None = Field(
        None,
        description="Column of the patient of each image, of whom all images are on one side of each split; by default "
        "patient, patient_id or subject, and of DICOM files their patient ID.",
    )
    folds: int = Field(5, ge=2, le=20, description="Folds of the training patients: one network each, out of fold.")

    sensitivity: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Sensitivity that the threshold is chosen for; 0.9 without --specificity and --miss-cost.",
    )
    specificity: float | None = Field(
        None, gt=0, lt=1, description="Specificity that the threshold is chosen for, instead of a sensitivity."
    )
    miss_cost: float | None = Field(
        None, gt=0, le=1e6, description="Cost of a missed case in false alarms; the threshold has the lowest cost then."
    )
    prevalence: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Prevalence where the model is used, which predictions are corrected to, and for PPV and NPV; by "
        "default that of the data.",
    )
    unlike: float = Field(
        0.01,
        ge=0,
        lt=0.5,
        description="Share of the training images that is refused out of fold as unlike the others; 0: none is.",
    )
    abstain: float = Field(
        0.0, ge=0, lt=1, description="Share of the training images whose decision is refused as too uncertain."
    )
    subgroups: str = Field("", description="Columns of subgroups, separated by commas.")

    size: int | None = Field(
        None, ge=16, le=1024, description="Longer side of the network's images in pixels; by default that of the data."
    )
    width: float = Field(1.0, gt=0, le=8, description="Factor of the networks' channels.")
    augmentation: float = Field(1.0, ge=0, le=4, description="Factor of the amounts of augmentation; 0: none.")
    mirror: bool = Field(
        False, description="Also mirror images: where left and right do not differ, as in images of skin or tissue."
    )

    @property
    def stated_sensitivity(self) -> float | None:
        """Sensitivity that the threshold is chosen for; None if a specificity or a cost decides."""
        if self.specificity is None and self.miss_cost is None:
            return self.sensitivity or DEFAULT_SENSITIVITY
        return None

    @model_validator(mode="after")
    def _check_rule(self) -> Self:
        rules = {"sensitivity": self.sensitivity, "specificity": self.specificity, "miss_cost": self.miss_cost}
        stated = [f"--{name.replace('_', '-')}" for name, value in rules.items() if value is not None]
        if len(stated) > 1:
            raise ValueError(f"{', '.join(stated)}: exactly one rule chooses the threshold, pass one of them")
        return self
