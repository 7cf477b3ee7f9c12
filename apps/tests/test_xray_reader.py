"""The app xray-reader without a browser: prevalence, curves, answers, abstention, uploads and events of the page."""

import re
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import plexus
from plexus import InputError
from plexus.metrics.decision_curve import net_benefit
from plexus.metrics.operating_points import OperatingPoints
from plexus_apps.xray_reader.drawing import OperatingPoint, draw_roc_curve
from plexus_apps.xray_reader.examples import draw_noise, draw_photo, example_files, example_images
from plexus_apps.xray_reader.figures import draw_answers
from plexus_apps.xray_reader.operating_point import population_html
from plexus_apps.xray_reader.page import make_page, take_upload
from plexus_apps.xray_reader.population import Estimate, Population
from plexus_apps.xray_reader.results import explanation_html, reading_html, shown_share
from plexus_apps.xray_reader.saliency import AGAINST, FOR, draw_saliency
from plexus_apps.xray_reader.xray_model import Reading, XrayModel

RISKS = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.9])
OUTCOMES = np.array([0, 0, 1, 0, 1, 0, 1, 1])
METRICS = {
    "sensitivity": 0.9,
    "sensitivity_low": 0.8,
    "sensitivity_high": 0.95,
    "specificity": 0.8,
    "specificity_low": 0.7,
    "specificity_high": 0.9,
    "ppv_prevalence": 0.25,
}
REASON = "out of distribution: its details are not like those of the training images (score 6.2, limit 1)"


class PlainModel:
    """A model with stated numbers, as `XrayModel` has them."""

    event, other, threshold, training_prevalence, metrics = "<b>ill", "<b>well", 0.4, 0.5, METRICS
    points = OperatingPoints.compute(RISKS, OUTCOMES)
    test_point = OperatingPoint(Estimate(0.9, 0.8, 0.95), Estimate(0.8, 0.7, 0.9))


@pytest.fixture(scope="module")
def model(trial):
    return XrayModel(plexus.load(trial("medical.classify") / "run/bundle"))


@pytest.fixture(scope="module")
def events(model):
    return {function.name: function.fn for function in make_page({"model": model.bundle}).fns.values()}


def answered(model):
    """Return an example that the model answers, and its reading."""
    for example in example_images(model.bundle):
        reading = model.read(example.image)
        if reading.is_positive is not None:
            return example, reading
    raise AssertionError("the model answers none of the examples")


def test_a_probability_is_corrected_for_the_prevalence():
    """Odds are multiplied by the ratio of the odds of both prevalences."""
    population = Population(0.01, 0.5)
    assert population.correct(0.9) == pytest.approx(1 / 12)
    assert population.correct(0.5) == pytest.approx(0.01)
    assert Population(0.5, 0.01).correct(population.correct(0.3)) == pytest.approx(0.3)
    assert (population.correct(0.0), population.correct(1.0)) == (0, 1)
    assert Population(0.3, 0.3).correct(0.7) == pytest.approx(0.7)


def test_predictive_values_at_a_prevalence():
    ppv, npv = Population(0.1, 0.5).predictive_values(METRICS)
    assert ppv.value == pytest.approx(0.09 / (0.09 + 0.18))
    assert npv.value == pytest.approx(0.72 / (0.72 + 0.01))
    assert ppv.low == pytest.approx(0.08 / (0.08 + 0.27))
    assert ppv.high == pytest.approx(0.095 / (0.095 + 0.09))
    assert npv.low < npv.value < npv.high


def test_the_net_benefit_at_the_prevalence_of_the_training_is_that_of_its_rows():
    thresholds = np.array([0.01, 0.05, 0.2, 0.25, 0.4, 0.41, 0.9, 0.95])
    population = Population(0.5, 0.5)
    assert population.net_benefit(PlainModel.points, thresholds) == pytest.approx(
        net_benefit(RISKS, OUTCOMES, thresholds)
    )


def test_the_net_benefit_at_another_prevalence_is_that_of_weighted_rows():
    """Each row without the outcome stands for nine at a prevalence of 10 %; probabilities are corrected."""
    population = Population(0.1, 0.5)
    corrected = np.array([population.correct(risk) for risk in RISKS])
    rows = np.repeat(np.arange(len(RISKS)), np.where(OUTCOMES == 1, 1, 9))
    thresholds = np.array([0.005, 0.03, 0.05, 0.15, 0.4])
    expected = net_benefit(corrected[rows], OUTCOMES[rows], thresholds)
    assert population.net_benefit(PlainModel.points, thresholds) == pytest.approx(expected)
    model, treat_all = population.net_benefit_at(PlainModel.points, 0.05)
    assert (model, treat_all) == pytest.approx((expected[2], 0.1 - 0.9 * 0.05 / 0.95))
    curve = population.decision_curve(PlainModel.points, 0.06)
    assert curve.thresholds[-1] == pytest.approx(0.4)
    assert (curve.model[0], curve.treat_all[0]) == pytest.approx((0.1, 0.1))


def test_a_threshold_of_one_has_a_curve():
    population = Population(0.999, 0.001)
    assert np.isfinite(population.decision_curve(PlainModel.points, 1.0).model).all()
    assert np.isfinite(population.net_benefit_at(PlainModel.points, 1.0)).all()


def test_the_roc_curve_names_the_operating_point():
    html = draw_roc_curve(PlainModel.points, 0.4, PlainModel.test_point)
    assert "area 0.812" in html
    assert "At the threshold: sensitivity 75.0% and specificity 75.0%; on the test split 90.0% and 80.0%" in html
    assert "currentColor" in html


def test_an_answer_has_probability_interval_and_decision():
    html = reading_html(PlainModel(), Reading(Estimate(0.7, 0.6, 0.8), True, ()), "<b>well")
    assert '<div class="reader-number">70.0%</div>' in html
    assert '<div class="reader-decision">Counts as &lt;b&gt;ill</div>' in html
    assert "At or above the threshold of 40.0%" in html
    assert "60.0% to 80.0%: Venn-Abers interval" in html
    assert "Label of this image in the data: <b>&lt;b&gt;well</b>" in html
    other = reading_html(PlainModel(), Reading(Estimate(0.3, 0.2, 0.4), False, ()))
    assert "Counts as &lt;b&gt;well" in other
    assert "Below the threshold" in other


def test_an_image_out_of_distribution_has_a_reason_and_no_label():
    html = reading_html(PlainModel(), Reading(None, None, (REASON,)))
    assert "No answer" in html
    assert f"<b>Reason:</b> {REASON}." in html
    assert "%" not in html
    assert "ill" not in html


def test_an_uncertain_decision_has_a_probability_and_no_label():
    html = reading_html(PlainModel(), Reading(Estimate(0.41, 0.3, 0.5), None, ("uncertain decision",)))
    assert "No decision" in html
    assert "<b>Reason:</b> uncertain decision." in html
    assert ">41.0%<" in html
    assert "Counts as" not in html


def test_the_operating_point_at_a_prevalence():
    html = population_html(PlainModel(), Reading(Estimate(0.9, 0.8, 0.95), True, ()), 0.01)
    numbers = re.findall(r'class="reader-number">([^<]+)<', html)
    assert numbers == ["8.3%", "4.3%", "99.87%"]
    assert "<b>corrected for this prevalence</b>" in html
    assert "Before the correction: 90.0%. Threshold 0.67%, 40.0% before." in html
    assert "Of 1,000 images, 10 have the outcome &lt;b&gt;ill:</b> 9.0 of them count as" in html
    assert "<b>990 do not:</b> 198 of them" in html
    assert "Decision curve at a prevalence of 1.0%" in html
    assert html.count("<svg") == 2
    assert "<b>ill" not in html


@pytest.mark.slow
def test_the_operating_point_without_an_image_and_without_an_answer():
    without_image = population_html(PlainModel(), None, 0.1)
    assert "There is no image. Threshold" in without_image
    assert "reader-corrected" not in without_image, "no card without a number"
    abstained = population_html(PlainModel(), Reading(None, None, (REASON,)), 0.1)
    assert re.findall(r'class="reader-number">([^<]+)<', abstained)[0] == "-"
    assert "There is no prediction for this image." in abstained


def test_a_model_without_a_curve_or_without_positive_results():
    model = PlainModel()
    model.points = None
    assert "holds no ROC curve" in population_html(model, None, 0.1)
    model.metrics = METRICS | {f"sensitivity{end}": 0.0 for end in ("", "_low", "_high")}
    model.metrics |= {f"specificity{end}": 1.0 for end in ("", "_low", "_high")}
    assert "Not defined: on the test split, no image counts so." in population_html(model, None, 0.1)


def test_red_speaks_for_the_outcome_and_blue_against_it():
    image = np.full((2, 2, 1), 100, np.uint8)
    drawn = draw_saliency(image, np.array([[2.0, -2.0], [0.0, 1.0]]))
    assert drawn[0, 0].tolist() == [round(0.3 * 100 + 0.7 * share) for share in FOR]
    assert drawn[0, 1].tolist() == [round(0.3 * 100 + 0.7 * share) for share in AGAINST]
    assert drawn[1, 0].tolist() == [100, 100, 100]
    assert (draw_saliency(image, np.zeros((2, 2))) == 100).all()


@pytest.mark.parametrize(("is_reliable", "verdict"), [(True, "passed"), (False, "failed. Do not rely on this map")])
def test_the_deletion_check_is_stated_in_words(is_reliable, verdict):
    curve = SimpleNamespace(
        area=1.234, random_area=3.456, random_spread=0.5, random_areas=np.ones(20), is_reliable=is_reliable
    )
    explanation = SimpleNamespace(image=np.zeros((4, 5, 1), np.uint8), saliency=np.ones((4, 5)), curve=curve)
    html = explanation_html(PlainModel(), explanation)
    assert f"<b>Deletion check: {verdict}.</b>" in html
    assert "20 random orders (area under the curve 1.23, of random orders 3.46 ± 0.50; smaller is better)" in html
    assert "5 x 4 pixels" in html
    assert html.count("data:image/png;base64,") == 2
    assert "speaks for &lt;b&gt;ill" in html


def test_an_upload_is_deleted_when_it_is_read(tmp_path):
    file = tmp_path / "hash" / "patient.dcm"
    file.parent.mkdir()
    file.write_bytes(b"pixels")
    assert take_upload(str(file)) == b"pixels"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match=r"^the file is no longer here: choose it again$"):
        take_upload(str(file))
    with pytest.raises(InputError, match="no image: choose a file first"):
        take_upload(None)


def test_answers_are_drawn(tmp_path):
    draw_answers([draw_photo(), draw_noise()], ["an answer", "no answer"], tmp_path / "answers.svg")
    content = (tmp_path / "answers.svg").read_text()
    assert 'viewBox="0 0 432 302.4"' in content
    assert content.count('xlink:href="data:image/png;base64,') == 2


@pytest.mark.slow
def test_pictures_that_are_no_xrays_are_not_answered(model):
    for picture in (draw_photo(), draw_noise()):
        reading = model.read(picture)
        assert reading.risk is reading.is_positive is None
        assert "out of distribution" in reading.reasons[0]


@pytest.mark.slow
def test_examples_are_of_both_labels_of_the_test_split(model):
    examples = example_images(model.bundle)
    assert [example.label for example in examples] == ["normal", "opacity"] * 3 + ["", ""]
    files = example_files(model.bundle)
    assert [caption for _, caption in files][-2:] == ["photo", "noise"]
    assert Image.open(files[0][0]).size == (192, 192)
    number = int(examples[0].caption.removeprefix("test "))
    dataset = model.bundle.task.load_dataset(model.bundle.task.options.parse({"data": "drawn_xrays"}))
    assert (examples[0].image == dataset["test"].inputs[number - 1]).all()


@pytest.mark.slow
def test_the_numbers_of_an_answer_are_those_of_the_model(model):
    example, reading = answered(model)
    prediction = model.bundle.predict([example.image])[0]
    assert reading.risk == Estimate(prediction.risk, prediction.low, prediction.high)
    assert reading.is_positive == prediction.positive
    assert model.training_prevalence == pytest.approx(0.4, abs=0.02)
    place = np.searchsorted(-model.points.thresholds, -model.threshold, side="right") - 1
    assert model.points.sensitivities[place] >= 0.9


@pytest.mark.slow
def test_events_of_the_page(model, events, tmp_path):
    example, reading = answered(model)
    content = BytesIO()
    Image.fromarray(example.image).save(content, "PNG")
    (tmp_path / "xray.png").write_bytes(content.getvalue())
    *_, (file, examples, read, answer, explanation) = events["read_upload"]("model", str(tmp_path / "xray.png"))
    assert file is None
    assert examples["elem_classes"] == ["reader-examples", "reader-unmarked"]
    assert read == reading
    assert "Counts as" in answer
    assert "Deletion check: " in explanation
    assert not (tmp_path / "xray.png").exists()
    corrected = Population(0.05, model.training_prevalence).correct(read.risk.value)
    shown = re.findall(r'class="reader-number">([^<]+)%<', events["show"]("model", read, 5.0))
    assert float(shown[0]) == pytest.approx(100 * corrected, abs=0.051)
    *_, (file, _, read, answer, _) = events["read_upload"]("model", None)
    assert read is None
    assert "no image: choose a file first" in answer


@pytest.mark.slow
def test_examples_and_errors_on_the_page(events, tmp_path):
    assert events["choose"](SimpleNamespace(index=6)) == 6
    *_, (examples, reading, answer, explanation) = events["read_example"]("model", 6)
    assert examples["elem_classes"] == ["reader-examples"]
    assert reading.risk is None
    assert "No answer" in answer
    assert "so it has no explanation" in explanation
    (tmp_path / "bad.dcm").write_bytes(b"no image")
    *_, (_, _, reading, answer, _) = events["read_upload"]("model", str(tmp_path / "bad.dcm"))
    assert reading is None
    assert "app-error" in answer
    assert str(tmp_path) not in answer
    assert "bad.dcm" not in answer, "the name of a file may be that of a patient"


def test_shares_near_0_and_1_do_not_read_as_impossible_or_certain():
    shares = [0.0, 0.00001, 0.0012, 0.01, 0.5, 0.9951, 0.99999, 1.0]
    assert [shown_share(share) for share in shares] == [
        "0%", "below 0.01%", "0.12%", "1.0%", "50.0%", "99.51%", "above 99.99%", "100%",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_remark_on_an_answered_image_is_no_reason(model):
    risk = Estimate(0.2, 0.1, 0.3)
    answered_html = reading_html(model, Reading(risk, False, ("33% of its width was cut off",)))
    assert "<b>Note:</b> 33% of its width was cut off." in answered_html
    assert "Reason" not in answered_html
    refused = reading_html(model, Reading(None, None, ("out of distribution", "33% of its width was cut off")))
    assert "<b>Reason:</b> out of distribution." in refused
    assert "<b>Note:</b> 33% of its width was cut off." in refused
