"""The pages of apps with many models: each shows the parts of the chosen model alone."""

import json
import shutil
from pathlib import Path

import pytest

import plexus
from plexus.plugins.registry import registry
from plexus_apps.plugin import register_apps

MODELS = Path(__file__).parents[2] / "models"
APPS = [entry.id for entry in register_apps()]
COUNT = 50
CHARACTERS = 250
"""Characters of a page's configuration for each model: its name, in the list of the models."""


def configuration_size(app, bundle, count):
    """Return the characters of the configuration of a page of copies of a model, which the browser reads first."""
    app = registry().app(app)
    options = app.page_options() if app.page_options else None
    page = app.page({f"model_{number}": bundle for number in range(count)}, options)
    return len(json.dumps(page.get_config_file(), default=str))


@pytest.mark.slow
@pytest.mark.parametrize("app", APPS)
def test_a_model_adds_no_part_to_a_page(app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the alerts of the fraud monitor are in the working folder
    tasks, data = registry().app(app).tasks, registry().app(app).example_data
    bundles = [plexus.load(file.parent) for task in tasks for file in sorted(MODELS.glob(f"{task}/*/bundle.json"))]
    bundle = max(bundles, key=lambda bundle: bundle.manifest["data"]["name"] == data)  # one that the examples fit
    one = configuration_size(app, bundle, 2)  # with a list of models
    assert configuration_size(app, bundle, COUNT) - one < CHARACTERS * (COUNT - 2)


@pytest.mark.slow
def test_the_form_of_any_of_many_models_predicts(tmp_path, serve_pages, open_page):
    for number in range(COUNT):
        shutil.copytree(MODELS / "tables.diagnose/pima_diabetes", tmp_path / f"model_{number}")
    credit = MODELS / "tables.risk/german_credit"
    with serve_pages(tmp_path, credit, *sorted(tmp_path.glob("model_*"))) as address:
        page = open_page(f"{address}/apps/risk-desk/")
        page.locator(".answer:visible", has_text="Probability of bad").wait_for()
        for name in ("tables.diagnose.model_7", "tables.diagnose.model_49"):
            page.get_by_label("Model", exact=True).click()
            page.get_by_role("option", name=name, exact=True).click()
            page.get_by_text("Not for clinical use").wait_for()
            page.get_by_text("no column moves the prediction").locator("visible=true").wait_for()  # a new form
            answer = page.locator(".answer:visible .answer-number")
            typical = answer.inner_text()
            page.get_by_label("glucose", exact=True).fill("199")
            page.locator(".reasons:visible", has_text="glucose: 199").wait_for()
            assert page.locator(".answer:visible").count() == 1
            assert answer.inner_text() != typical
        page.get_by_label("Model", exact=True).click()
        page.get_by_role("option", name="tables.risk.german_credit", exact=True).click()
        page.locator(".answer:visible", has_text="Probability of bad").wait_for()
        page.get_by_text("Not for clinical use").wait_for(state="hidden")
        assert page.locator(".answer:visible").count() == 1
