"""Trainings in Studio: the form of each task, the queue, and what is left of a training when processes are killed."""

import fcntl
import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from fastapi import FastAPI
from starlette.testclient import TestClient

from plexus import Options
from plexus.catalogue.record import RunRecord
from plexus.catalogue.training_log import failure, last_lines, record_failure
from plexus.errors import InputError
from plexus.metric import Metric
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.serve.hosts import HostPolicy
from plexus.serve.keys import Keys
from plexus.serve.limits import ServerLimits
from plexus.serve.middleware import RequestMiddleware
from plexus.serve.models import Models
from plexus.studio.form_fields import FormField, form_fields, form_texts, form_values, with_labels
from plexus.studio.site import Site
from plexus.studio.studio import mount_studio
from plexus.studio.train_form import BASIC, SHARED, failed_field, form_groups
from plexus.studio.training_estimate import PlannedTraining, seconds_by_examples
from plexus.studio.training_process import Slot, signal_holder
from plexus.studio.training_progress import TrainingProgress
from plexus.studio.trainings import Trainings
from plexus.utils.duration import duration
from plexus.utils.process_folder import process_folder

LIMITS = ServerLimits(max_bytes=32 << 20, max_requests=64, max_seconds=30, max_batch_size=64)
DIGITS = Path(__file__).parents[2] / "models/vision.classify/digits"
TASKS = list(registry().entries("tasks"))
OTHER_SITE = {"Origin": "http://evil.example"}
VALUES = [(0, 0.5), (1, 0.9), (2, 0.8), (3, 0.9)]
PARITY = {"data": "8", "epochs": "25", "units": "32"}


@contextmanager
def studio(runs, host="127.0.0.1"):
    """A client of a server with Studio alone."""
    app = FastAPI()
    app.add_middleware(RequestMiddleware, keys=Keys([]), hosts=HostPolicy("127.0.0.1", False), limits=LIMITS)
    mount_studio(app, Site(Models(list, 64), {}, runs))
    with TestClient(app, base_url="http://127.0.0.1", client=(host, 50000)) as client:
        yield client


@pytest.fixture
def client(tmp_path):
    with studio(tmp_path / "runs") as client:
        yield client


@pytest.fixture
def occupied(tmp_path):
    """Hold the slot, so that no training starts."""
    file = tmp_path / "runs/.queue/slot.lock"
    file.parent.mkdir(parents=True)
    with file.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield file
        for entry in file.parent.glob("*.json"):  # else the queue would start once the slot is free
            entry.unlink()


@pytest.fixture
def ended(tmp_path):
    """End the training that a test may have left."""
    yield
    slot = Slot(tmp_path / "runs/.queue/slot.lock")
    for entry in slot.file.parent.glob("*.json"):
        entry.unlink()
    while slot.run is not None:
        signal_holder(slot.file, signal.SIGKILL)
        time.sleep(0.05)


def wait_until(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def parity_options(**values):
    return registry().task("logic.parity").options.parse(PARITY | values)


def error_of(page):
    return re.search(r'role="alert">(.*?)</div>', page.text, re.DOTALL)[1]


def field_error(page, option):
    """The error at a field; empty if there is none."""
    match = re.search(rf'id="option-{option}-help"><strong class="wrong">(.*?)</strong>', page.text)
    return html.unescape(match[1]) if match else ""


def send(client, task, values=(), **options):
    """Send the form of a task as a browser does, with the task's defaults."""
    page = registry().task(task).options
    texts = form_texts(page, page.parse({}).model_dump()) | dict(values)
    data = {f"option.{name}": text for name, text in texts.items()}
    return client.post(f"/train/{task}", data=data, follow_redirects=False, **options)


# Forms


@pytest.mark.parametrize("id", TASKS)
def test_the_form_of_a_task_has_each_option_once_and_sends_its_defaults(id, client):
    task = registry().task(id)
    assert sorted(field.name for group in form_groups(task) for field in group.fields) == sorted(
        task.options.model_fields
    )
    page = client.get(f"/train/{id}")
    assert page.status_code == 200
    for name in task.options.model_fields:
        assert page.text.count(f' name="option.{name}"') == 1, name
    flags = {field.flag for field in form_fields(task.options)}
    assert not flags & set(re.findall(r"(?<![\w-])--[a-z0-9-]+", page.text.split("<main")[1]))
    defaults = task.options.parse({})
    texts = form_texts(task.options, defaults.model_dump())
    assert task.options.parse(form_values(task.options, texts)) == defaults
    checked = {field.name: "yes" for field in form_fields(task.options) if texts.get(field.name) == "yes"}
    assert task.options.parse(form_values(task.options, checked)) == defaults  # empty fields stand for the defaults


def test_the_form_of_a_third_party_task(parity, client):
    page = client.get("/train/logic.parity")
    assert "Units of the hidden layer." in page.text
    assert "Range: 1 to 4,096." in page.text
    assert 'value="64"' in page.text


def test_each_shared_option_is_in_one_group():
    assert sorted([*BASIC, *(name for names in SHARED.values() for name in names)]) == sorted(Options.model_fields)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("profile", ("check", "", (), False, "False")),
        ("compile", ("flag", "", ("yes", "no"), True, "")),
        ("precision", ("choice", "", ("float32", "bfloat16", "float16"), False, "float32")),
        ("learning_rate", ("number", "above 0 to 100", (), True, "0.002")),
        ("dropout", ("number", "0 to below 1", (), False, "0.0")),
        ("clip_norm", ("number", "above 0", (), True, "")),
        ("patience", ("integer", "at least 0", (), True, "")),
        ("batch_size", ("text", "", (), True, "")),  # it takes `auto`, too
        ("stop_at", ("number", "", (), True, "")),  # any finite number
        ("hosts", ("integer", "0 to 100,000", (), False, "1")),
        ("from_", ("text", "", (), True, "")),
    ],
)
def test_the_field_of_an_option(name, field):
    made = next(each for each in form_fields(Options) if each.name == name)
    assert (made.kind, made.bounds, made.choices, made.optional, made.default) == field


def test_flags_in_texts_are_replaced_by_labels():
    options = registry().task("fraud.detect").options
    query = next(field for field in form_fields(options) if field.name == "query")
    assert query.help.startswith("SQL query, where Data is a database ")
    text = "no better loss for 3 epochs (--patience 3); --from x, --resume RUN, a--seed, --seedling"
    shown = "no better loss for 3 epochs (Patience 3); From x, --resume RUN, a--seed, --seedling"
    assert with_labels(options, text) == shown


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [("check", "yes", True), ("flag", "no", False), ("flag", "", None), ("integer", " 3 ", "3"), ("text", "", None)],
)
def test_the_value_of_a_field(kind, text, value):
    field = FormField("name", kind, "", "", True)
    assert field.value({"name": text}) == value


def test_a_checkbox_that_is_not_checked_is_false():
    assert FormField("name", "check", "", "True", False).value({}) is False


def test_an_error_stands_at_its_field_and_the_values_stay(client, tmp_path):
    page = send(client, "vision.classify", {"dropout": "2", "epochs": "7"})
    assert page.status_code == 422
    assert error_of(page) == "Correct the marked field: Dropout."
    assert field_error(page, "dropout") == "Dropout must be less than 1, not '2'"
    assert page.text.count("must be less than 1") == 1
    wrong = re.search(r'<input id="option-dropout"[^>]*>', page.text)[0]
    assert 'aria-invalid="true"' in wrong
    assert 'value="2"' in wrong
    assert page.text.count("aria-invalid") == 1
    assert 'value="7"' in re.search(r'<input id="option-epochs"[^>]*>', page.text)[0]
    assert re.search(r"<details open><summary>Regularization", page.text)
    assert not (tmp_path / "runs/vision.classify").exists()


def test_each_wrong_value_is_reported_at_its_field(client, tmp_path):
    with studio(tmp_path / "runs", host="10.0.0.7") as other_machine:
        wrong = {"dropout": "2", "epochs": "0", "data": "/etc", "from_": "../bundle"}
        page = send(other_machine, "vision.classify", wrong)
    assert error_of(page) == "Correct the marked fields: Data, Epochs, From, Dropout."
    assert field_error(page, "epochs") == "Epochs must be greater than or equal to 1, not '0'"
    assert field_error(page, "dropout") == "Dropout must be less than 1, not '2'"
    for name in ("data", "from_"):
        assert "only a browser on the machine of the server" in field_error(page, name)
    assert page.text.count('aria-invalid="true"') == 4
    assert page.text.count("must be less than 1") == 1
    page = send(client, "vision.classify", {"epochs": "x", "units": "2"}, files=[("files", ("a.zip", b"no zip"))])
    assert field_error(page, "epochs").startswith("Epochs must be a valid integer")
    assert error_of(page) == "Correct the marked field: Epochs."


@pytest.mark.parametrize(
    ("task", "data", "message"),
    [
        ("tables.classify", "iris", "there is no data set 'iris': there are banknote_authentication, breast_cancer, "),
        ("tables.classify", "/nowhere/rows.csv", "Data rows.csv: there is no such file or folder"),
        ("tables.classify", "wine.csv", "Data wine.csv: there is no such file or folder"),
        ("tables.classify", "~nobody-has-this-name", "there is no data set '~nobody-has-this-name'"),
        ("tables.classify", "x" * 300, "there is no data set 'xxx"),
        ("vision.classify", "mnits", "there is no data set 'mnits': did you mean 'mnist'? there are cifar10, digits, "),
        ("sentiment.classify", "phrases,iris", "there is no data set 'iris': there are imdb, phrases, "),
        ("vision.classify", "wine", "vision.classify cannot read the data set 'wine', which is for clustering.deep, "),
        ("sentiment.classify", "phrases,digits", "sentiment.classify cannot read the data set 'digits', which is for "),
        ("speech.transcribe", "spoke", "there is no data set 'spoke': did you mean 'spoken-strings'? "),
    ],
)
def test_data_that_cannot_be_read_are_refused_before_the_queue(task, data, message, client, tmp_path):
    page = send(client, task, {"data": data, "epochs": "0"})
    assert field_error(page, "data").startswith(message)
    assert field_error(page, "epochs")
    assert error_of(page) == "Correct the marked fields: Data, Epochs."
    assert not (tmp_path / "runs" / task).exists()


@pytest.mark.parametrize(
    ("task", "data"),
    [
        ("clustering.deep", "clustering_benchmark/real-world/iris"),
        ("games.board", "tic_tac_toe"),
        ("games.play", "FrozenLake-v1?is_slippery=false"),
        ("sentiment.classify", "phrases,rt_polarity"),
        ("speech.transcribe", "fsdd-strings"),
        ("tables.classify", "sqlite:///nowhere.db"),
    ],
)
def test_data_that_only_the_task_understands_are_left_to_the_training(task, data, client, occupied):
    assert send(client, task, {"data": data}).status_code == 303


def test_a_bundle_that_does_not_exist_is_refused_before_the_queue(client, tmp_path):
    page = send(client, "vision.classify", {"from_": "vision.classify/none"})
    assert field_error(page, "from_").startswith("From: there is no model 'vision.classify/none'")
    assert not (tmp_path / "runs/vision.classify").exists()


def test_the_option_that_an_error_names():
    task = registry().task("vision.classify")
    assert failed_field(task, "--label-smoothing must be less than 1, not '2'") == "label_smoothing"
    assert failed_field(task, "no option of it") == ""


# Requests


def test_a_form_of_another_site_is_refused(client, occupied, tmp_path):
    assert send(client, "vision.classify", headers=OTHER_SITE).status_code == 403
    assert not (tmp_path / "runs/vision.classify").exists()
    address = send(client, "vision.classify").headers["location"]
    assert client.post(address, data={"action": "cancel"}, headers=OTHER_SITE).status_code == 403
    assert len(Trainings(tmp_path / "runs").queue()) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"data": "/etc"},
        {"data": "~"},
        {"data": "~nobody-has-this-name"},
        {"data": "https://example.org/a.zip"},
        {"from_": "../bundle"},
        {"unlabelled": "a/b"},
    ],
)
def test_another_machine_cannot_name_files_of_the_server(values, tmp_path):
    with studio(tmp_path / "runs", host="10.0.0.7") as client:
        page = send(client, "vision.classify", values)
        assert page.status_code == 422
        assert "only a browser on the machine of the server" in field_error(page, next(iter(values)))
    assert not (tmp_path / "runs/vision.classify").exists()


def test_another_machine_cannot_name_a_file_among_data_sets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.csv").write_text("text,label\na,b\n")
    with studio(tmp_path / "runs", host="10.0.0.7") as client:
        page = send(client, "sentiment.classify", {"data": "secret.csv,phrases"})
        assert "only a browser on the machine of the server" in field_error(page, "data")
        for data in ("secret.csv", "tweets,secret.csv"):
            page = send(client, "sentiment.classify", {"data": "phrases", "extra_data": data})
            assert "only a browser on the machine of the server" in field_error(page, "extra_data")


def test_another_machine_does_not_see_files_of_the_server(occupied, tmp_path):
    data = tmp_path / "elsewhere/secret"
    data.mkdir(parents=True)
    with studio(tmp_path / "runs") as client:
        address = send(client, "vision.classify", {"data": str(data)}).headers["location"]
        form = f"/train/vision.classify?like={address.removeprefix('/train/runs/')}"
        assert f'value="{data}"' in client.get(form).text
    with studio(tmp_path / "runs", host="10.0.0.7") as client:
        assert "secret" in client.get(address).text  # the name of the file
        assert "elsewhere" not in client.get(address).text + client.get(form).text


def test_another_machine_can_name_data_sets(occupied, tmp_path):
    with studio(tmp_path / "runs", host="10.0.0.7") as client:
        assert send(client, "vision.classify", {"data": "mnist"}).status_code == 303


@pytest.mark.slow
@pytest.mark.parametrize("id", ["logic.nothing/1", "../../etc", "%2e%2e/secret", ".queue", ""])
def test_only_runs_of_the_catalogue_have_pages(id, client, occupied):
    for page in (client.get(f"/train/runs/{id}"), client.post(f"/train/runs/{id}", data={"action": "cancel"})):
        assert page.status_code in (404, 405)
        assert "Traceback" not in page.text


def test_an_unknown_task_and_an_unknown_action(client, occupied):
    assert client.get("/train/no.task").status_code == 404
    address = send(client, "vision.classify").headers["location"]
    page = client.post(address, data={"action": "explode"})
    assert page.status_code == 400
    assert "expected pause, resume, cancel or restore" in error_of(page)


def test_an_upload_is_stored_with_the_run(client, occupied, tmp_path):
    rows = b"a,b,label\n" + b"1,2,x\n2,1,y\n" * 20
    page = send(client, "tables.classify", files=[("files", ("my rows.csv", rows))])
    assert page.status_code == 303
    (folder,) = Trainings(tmp_path / "runs").queue()
    data = Path(TrainingProgress.read(folder).options["data"])
    assert data.read_bytes() == rows
    assert data.is_relative_to(folder)
    shown = client.get(page.headers["location"])
    assert "on my rows.csv." in shown.text
    assert str(tmp_path) not in shown.text


def test_data_by_name_and_by_upload_are_refused_together(client, tmp_path):
    page = send(client, "tables.classify", {"data": "wine"}, files=[("files", ("rows.csv", b"a,b\n1,2\n"))])
    assert page.status_code == 422
    assert field_error(page, "data") == "Data and an upload: expected one of them, got both"
    assert not (tmp_path / "runs/tables.classify").exists()


# The queue


def test_the_queue_survives_a_restart_and_keeps_its_order(parity, occupied, tmp_path):
    first = Trainings(tmp_path / "runs")
    folders = [first.start("logic.parity", parity_options(seed=seed)).folder for seed in range(3)]
    restarted = Trainings(tmp_path / "runs")
    assert restarted.queue() == folders
    assert [restarted.state(folder) for folder in folders] == ["queued"] * 3
    restarted.add(folders[0])  # it waits already
    restarted.pause(folders[1])
    assert first.queue() == [folders[0], folders[2]]
    assert first.state(folders[1]) == "interrupted"
    first.add(folders[1])
    assert restarted.queue() == [folders[0], folders[2], folders[1]]


@pytest.mark.slow
def test_a_cancelled_training_can_be_restored(parity, occupied, client, tmp_path):
    address = send(client, "logic.parity").headers["location"]
    page = client.post(address, data={"action": "cancel"})
    assert page.url.path == "/train"
    assert "The training is cancelled" in page.text
    assert Trainings(tmp_path / "runs").queue() == []
    assert client.get(address).status_code == 404
    undo = re.search(r'<form method="post" action="([^"]+)"><button name="action" value="restore">', page.text)[1]
    assert client.post(undo, data={"action": "restore"}).url.path == address
    assert "interrupted" in client.get(address).text


def test_an_interrupted_run_is_resumed_from_its_own_page(parity, occupied, client, tmp_path):
    trainings = Trainings(tmp_path / "runs")
    folder = trainings.create("logic.parity", parity_options()).folder
    page = client.get(f"/runs/one/logic.parity/{folder.name}")
    action, name, id = re.search(r'action="(/train[^"]*)".*?name="(\w+)" value="(logic[^"]+)"', page.text).groups()
    assert client.post(action, data={name: id}).url.path == f"/train/runs/logic.parity/{folder.name}"
    assert trainings.queue() == [folder]
    assert client.post(action, data={name: "../outside"}).status_code == 404


def test_a_training_that_is_cancelled_while_its_start_waits_for_the_slot_is_not_started(parity, tmp_path):
    folder = Run.start(
        "logic.parity", registry().task("logic.parity").options.parse({}), folder=tmp_path / "run"
    ).folder
    slot, entry = Slot(tmp_path / "slot.lock"), tmp_path / "1.json"
    entry.touch()
    with slot.file.open("w") as stream, ThreadPoolExecutor() as pool:
        fcntl.flock(stream, fcntl.LOCK_EX)
        started = pool.submit(slot.start, folder, entry)
        entry.unlink()
        fcntl.flock(stream, fcntl.LOCK_UN)
        assert started.result() is None
    assert slot.run is None
    assert not (folder / "train.log").exists()


def test_a_damaged_entry_of_the_queue_is_left_out(parity, occupied, tmp_path):
    trainings = Trainings(tmp_path / "runs")
    folder = trainings.start("logic.parity", parity_options()).folder
    (occupied.parent / "0.json").write_text("no JSON")
    (occupied.parent / "1.json").write_text('{"run": "../outside"}')
    assert trainings.queue() == [folder]


def test_a_process_that_does_not_hold_the_lock_is_not_signalled(tmp_path):
    """Its number may be that of a process that has ended: the lock is held by another one."""
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    lock = tmp_path / "run.lock"
    lock.write_text(f"process {bystander.pid} on {os.uname().nodename} since 2026-11-28 10:00:00\n")
    try:
        assert not signal_holder(lock, signal.SIGKILL)
        with lock.open("r+") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            assert not signal_holder(lock, signal.SIGKILL)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.slow
def test_the_process_that_holds_the_lock_is_signalled(tmp_path):
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom plexus.utils.locks import locked\n"
        "with locked(Path(sys.argv[1]), 'trained'):\n    print('locked', flush=True)\n    time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, tmp_path / "run.lock"], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"locked\n"
    assert signal_holder(tmp_path / "run.lock", signal.SIGTERM)
    process.stdout.close()
    assert process.wait(20) == -signal.SIGTERM
    assert not signal_holder(tmp_path / "run.lock", signal.SIGTERM)


def test_a_training_that_cannot_be_started_says_why(parity, client, tmp_path, monkeypatch):
    def refuse(slot, run, entry):
        raise InputError("no process can be started")

    monkeypatch.setattr(Slot, "start", refuse)
    address = send(client, "logic.parity", {"data": "8"}).headers["location"]
    wait_until(lambda: "no process can be started" in client.get(address).text, 10)
    assert ">Try again</button>" in client.get(address).text
    with studio(tmp_path / "runs") as restarted:
        for page in (address, address.replace("/train/runs/", "/runs/one/"), "/runs", "/runs?status=failed"):
            assert "no process can be started" in restarted.get(page).text, page
            assert '<span class="status failed">failed</span>' in restarted.get(page).text, page
        assert "No run matches the filter." in restarted.get("/runs?status=interrupted").text
        assert "logic.parity on 8, failed" in restarted.get("/search?q=logic.parity").text


def test_a_reason_that_cannot_be_stored_is_shown_until_the_restart(tmp_path, monkeypatch):
    def refuse(slot, run, entry):
        raise InputError("the folder cannot be written to")

    monkeypatch.setattr(Slot, "start", refuse)
    trainings = Trainings(tmp_path / "runs")
    run = trainings.create("logic.parity", Options(data="8"))
    (run.folder / "train.log").mkdir()  # root may write to any folder
    trainings.add(run.folder)
    wait_until(lambda: trainings.state(run.folder) == "failed", 10)
    assert trainings.problem(run.folder) == "the folder cannot be written to"


def test_an_upload_is_removed_if_its_run_cannot_be_created(client, tmp_path, monkeypatch):
    def refuse(trainings, task, options):
        raise InputError("runs cannot be written to")

    monkeypatch.setattr(Trainings, "create", refuse)
    before = list(process_folder().glob("uploads/*"))
    page = send(client, "tables.classify", files=[("files", ("rows.csv", b"a,label\n1,x\n"))])
    assert error_of(page) == "runs cannot be written to"
    assert list(process_folder().glob("uploads/*")) == before


@pytest.mark.slow
def test_data_that_were_explored_are_trained_on(client, occupied, tmp_path):
    rows = b"a,b,ripe\n" + b"1,2,x\n2,1,y\n" * 20
    sent = {"task": "tables.classify", "option.target": "ripe", "option.seed": "7"}
    page = client.post("/data/sets", data=sent, files=[("files", ("fruit.csv", rows))])
    while "http-equiv" in page.text:
        page = client.get(page.url)
        time.sleep(0.02)
    form = client.get(re.search(r'href="(/train/[^"]+explored=\w+)">Train a model', page.text)[1])
    assert "fruit.csv, uploaded before" in form.text
    id = re.search(r'name="explored" value="(\w+)"', form.text)[1]
    texts = dict(re.findall(r'name="(option\.(?:target|seed))" value="(\w+)"', form.text))
    assert texts == {"option.target": "ripe", "option.seed": "7"}
    computed = {"pending": True}
    while computed["pending"]:
        computed = client.get("/train/tables.classify/estimate", params=texts | {"explored": id}).json()
        time.sleep(0.02)
    assert int(computed["defaults"]["epochs"]) > 0
    assert client.post("/train/tables.classify", data=texts | {"explored": id}, follow_redirects=False).is_redirect
    (folder,) = Trainings(tmp_path / "runs").queue()
    options = TrainingProgress.read(folder).options
    assert Path(options["data"]).read_bytes() == rows
    assert options["seed"] == 7
    assert client.get("/train/vision.classify?explored=" + id).status_code == 404
    for upload in process_folder().glob("uploads/*"):
        shutil.rmtree(upload)
    gone = client.post("/train/tables.classify", data=texts | {"explored": id})
    assert error_of(gone) == "fruit.csv is no longer on the server: upload it again"
    assert 'name="files"' in gone.text


@pytest.mark.slow
def test_one_training_at_a_time_and_a_failed_one_does_not_block(parity, ended, tmp_path):
    trainings = Trainings(tmp_path / "runs")
    failing = trainings.start("logic.parity", parity_options(data="nonsense")).folder
    second = trainings.start("logic.parity", parity_options(epochs=3)).folder
    wait_until(lambda: trainings.state(failing) in ("starting", "training"))
    assert trainings.state(second) == "queued"
    wait_until(lambda: trainings.state(second) == "finished")
    assert trainings.state(failing) == "failed"
    assert failure(failing / "train.log") == "--data nonsense: expected the number of bits of a row, 2 to 12"
    with studio(tmp_path / "runs") as client:
        for page in (f"/train/runs/logic.parity/{failing.name}", f"/runs/one/logic.parity/{failing.name}"):
            assert ">failed</span>" in client.get(page).text
            assert ">Data nonsense: expected the number of bits of a row, 2 to 12</p>" in client.get(page).text
    with pytest.raises(InputError, match="has ended already"):
        trainings.add(second)
    with studio(tmp_path / "runs") as client:
        page = client.get(f"/train/runs/logic.parity/{failing.name}")
        assert "expected the number of bits of a row" in page.text
        page = client.get(f"/train/runs/logic.parity/{second.name}")
        model = re.search(r'href="(/models/[^"]+)">Use the model', page.text)[1]
        assert model == f"/models/logic.parity.{second.name}"
        assert "Epoch 3 of 3" in page.text
        form = client.get(f"/train/logic.parity?like=logic.parity/{second.name}")
        assert 'value="32"' in re.search(r'<input id="option-units"[^>]*>', form.text)[0]
        assert "3 epochs of" in form.text  # the estimated time, by the training that has ended


@pytest.mark.slow
def test_a_training_outlives_a_killed_server_and_resumes_to_the_same_bits(parity, plexus, ended, tmp_path):
    environment = os.environ | {"PLEXUS_SETTINGS": str(tmp_path / "settings.json")}
    command = [sys.executable, "-m", "plexus", "open", "--no-browser", "--port", "0"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: server.poll() is not None or "http" in (tmp_path / "log").read_text())
        address = re.search(r"http://\S+", (tmp_path / "log").read_text())[0]
        data = {f"option.{name}": value for name, value in PARITY.items()}
        page = requests.post(f"{address}/train/logic.parity", data=data, timeout=30)
        assert page.status_code == 200, page.text
        folder = tmp_path / "runs" / page.url.split("/train/runs/")[1]
        wait_until(lambda: len(last_lines(folder / "log.jsonl", 9)) >= 3)
    finally:
        server.kill()
        server.wait()
    trainings = Trainings(tmp_path / "runs")
    assert trainings.state(folder) == "training"  # it outlives the server
    assert signal_holder(folder / "run.lock", signal.SIGKILL)
    wait_until(lambda: trainings.state(folder) == "interrupted")
    assert not (folder / "bundle").exists()
    with studio(tmp_path / "runs") as client:
        path = f"/train/runs/logic.parity/{folder.name}"
        assert ">Resume</button>" in client.get(path).text
        client.post(path, data={"action": "resume"})
    wait_until(lambda: trainings.state(folder) == "finished")
    assert TrainingProgress.read(folder).epoch == 25
    flags = [part for name, value in PARITY.items() for part in (f"--{name}", value)]
    done = plexus("train", "logic.parity", *flags, "--out", "reference")
    assert done.returncode == 0, done.stderr
    for name in ("network.onnx", "README.md"):
        assert (folder / "bundle" / name).read_bytes() == (tmp_path / "reference" / name).read_bytes(), name


@pytest.mark.slow
def test_pause_and_resume(parity, ended, tmp_path):
    trainings = Trainings(tmp_path / "runs")
    folder = trainings.start("logic.parity", parity_options(epochs=2000)).folder
    wait_until(lambda: len(last_lines(folder / "log.jsonl", 9)) >= 2)
    trainings.pause(folder)
    wait_until(lambda: trainings.state(folder) == "interrupted")
    assert last_lines(folder / "train.log", 1) == ["plexus: stopped"]
    assert (folder / "checkpoint.npz").exists()
    before = TrainingProgress.read(folder).epoch
    trainings.add(folder)
    wait_until(lambda: trainings.state(folder) == "training" and TrainingProgress.read(folder).epoch > before)
    place = trainings.cancel(folder)
    assert place.parent.name == ".removed"
    assert not folder.exists()
    assert trainings.slot.run is None


# Progress


def test_the_progress_of_a_run(tmp_path):
    history = [{"epoch": epoch, "loss": 1 / (epoch + 1), "accuracy": value, "seconds": 2.0} for epoch, value in VALUES]
    progress = TrainingProgress(tmp_path, "a.b", {"epochs": 10, "patience": 3}, "", history, [])
    assert progress.epoch == 4
    assert progress.seconds_left == 12
    assert progress.curves()["accuracy"] == [(1, 0.5), (2, 0.9), (3, 0.8), (4, 0.9)]
    assert list(progress.curves()) == ["loss", "accuracy"]
    assert progress.best(Metric("accuracy")) == "Accuracy: best 0.9000, in epoch 2."
    assert progress.early_stopping(Metric("accuracy")) == "Early stopping: 2 of 3 epochs without improvement."


@pytest.mark.parametrize(
    ("options", "is_fitted"),
    [
        ({"epochs": 10, "patience": 3}, False),
        ({"epochs": 4, "patience": 3}, True),
        ({"epochs": 10, "patience": 2}, True),  # the best of four epochs is the second
        ({"epochs": 10, "patience": 0}, False),
        ({"epochs": 10, "patience": None}, False),
        ({"epochs": 10, "patience": 3, "stop_at": 0.91}, False),
        ({"epochs": 10, "patience": 3, "stop_at": 0.9}, True),
    ],
)
def test_no_time_is_left_once_a_training_stops_early(options, is_fitted, parity, tmp_path, monkeypatch):
    history = [{"epoch": epoch, "loss": 0.1, "accuracy": value, "seconds": 20.0} for epoch, value in VALUES]
    progress = TrainingProgress(tmp_path, "a.b", options, "", history, [])
    assert progress.is_fitted(Metric("accuracy")) is is_fitted
    run = Trainings(tmp_path / "runs").create("logic.parity", Options(data="8", **options))
    (run.folder / "log.jsonl").write_text("\n".join(map(json.dumps, history)))
    monkeypatch.setattr(Trainings, "state", lambda trainings, folder: "training")
    with studio(tmp_path / "runs") as client:
        page = client.get(f"/train/runs/logic.parity/{run.folder.name}").text
    assert ("Epoch 4 of 10, about 2 min 0 s left" in page) is not is_fitted
    assert ("the model is evaluated and saved" in page) is is_fitted
    assert ("of 10: stopped early; the model is" in page) is (is_fitted and options["epochs"] == 10)


def test_the_progress_of_a_stage(tmp_path):
    task = registry().task("vision.classify")
    run = Run.start(task.id, task.options.parse({"epochs": 9}), folder=tmp_path / "run")
    assert TrainingProgress.read(run.folder).stage == ""
    stage = Run.start(task.id, task.options.parse({"epochs": 2}), folder=run.stage_folder("first"))
    (stage.folder / "log.jsonl").write_text('{"epoch": 0, "loss": 1.5, "seconds": 2}\n')
    progress = TrainingProgress.read(run.folder)
    assert (progress.stage, progress.epoch, progress.epochs) == ("first", 1, 2)
    assert progress.curves() == {"loss": [(1, 1.5)]}
    (run.folder / "log.jsonl").write_text('{"epoch": 0, "loss": 1.0, "seconds": 2}\n')
    progress = TrainingProgress.read(run.folder)
    assert (progress.stage, progress.epoch, progress.epochs) == ("", 1, 9)


def test_the_time_of_an_epoch_is_in_proportion_to_the_examples():
    def record(task, epochs, examples):
        return SimpleNamespace(task=task, epochs=epochs, seconds=8.0, manifest={"data": {"examples": examples}})

    records = [record("a.b", 0, {"train": 5}), record("a.c", 4, {"train": 5}), record("a.b", 4, {"train": 100})]
    assert seconds_by_examples(records, "a.b", 250) == 5.0
    assert seconds_by_examples(records, "a.d", 250) is None


def test_the_time_of_a_training_is_estimated_by_one_with_the_same_data():
    manifest = {"data": {"examples": {"train": 100}}}
    options = {"data": "digits", "epochs": 4, "batch_size": 32}
    record = SimpleNamespace(task="a.b", status="finished", epochs=4, seconds=8.0, options=options, manifest=manifest)

    def estimate(data="digits", epochs=None, batch_size=None, task="a.b", **values):
        options = {"data": data, "epochs": epochs, "batch_size": batch_size}
        return PlannedTraining(task, options, **values).estimate([record])

    same = "as in the last training with these data and options"
    assert estimate(epochs=10) == f"At most about 20 s: 10 epochs of 2 s, {same}."
    assert estimate() == f"About 2 s per epoch, {same}; the number of epochs is computed from the data."
    assert estimate(defaults={"epochs": 200}) == f"At most about 6 min 40 s: 200 epochs of 2 s, {same}."
    assert estimate(defaults={"batch_size": 64}, examples=50, epochs=5).startswith(
        "Very roughly 5 s: 5 epochs of 1 s, "
    )
    finished = "with these data and options has finished yet."
    assert estimate("mnist") == f"No estimate: no training of a.b {finished}"
    assert estimate(task="a.c", examples=50) == "No estimate: no training of a.c has finished yet."
    assert estimate(is_upload=True).startswith("No estimate: uploaded data are read when the training starts.")
    assert estimate(is_upload=True, examples=300, defaults={"epochs": 200}).startswith("Very roughly 20 min 0 s: 200 ")


def test_a_form_is_estimated_by_the_data_that_it_names(client, tmp_path):
    options = registry().task("vision.classify").options.parse({"epochs": 5})
    run = Trainings(tmp_path / "runs").create("vision.classify", options)
    (run.folder / "log.jsonl").write_text("".join(f'{{"epoch": {n}, "loss": 1, "seconds": 1.9}}\n' for n in range(5)))
    shutil.copytree(DIGITS, run.folder / "bundle")

    checked = {field.name: "yes" for field in form_fields(type(options)) if field.default == "True"}

    def estimate(explored="", upload=False, **texts):
        sent = {f"option.{name}": text for name, text in (checked | texts).items()}
        parameters = sent | {"explored": explored, "upload": upload}
        return client.get("/train/vision.classify/estimate", params=parameters).json()["text"]

    same = "as in the last training with these data and options"
    assert estimate(epochs="5") == f"At most about 10 s: 5 epochs of 1.9 s, {same}."
    assert estimate() == f"About 1.9 s per epoch, {same}; the number of epochs is computed from the data."
    assert estimate() in client.get("/train/vision.classify").text
    assert estimate(upload=True).startswith("No estimate: uploaded data are read when the training starts.")
    assert estimate(data="mnist").startswith("No estimate: no training of vision.classify with these")
    assert estimate(seed="x") == "No estimate: an option is not valid."
    names = [f"{label}/{number}.png" for label in ("a", "b") for number in range(10)]
    image = (DIGITS.parents[2] / "docs/three.png").read_bytes()
    page = client.post("/data/sets", data={"task": "vision.classify"}, files=[("files", (n, image)) for n in names])
    while "http-equiv" in page.text:
        page = client.get(page.url)
        time.sleep(0.02)
    explored = page.url.path.removeprefix("/data/sets/")
    first = estimate(explored=explored)
    assert "with other data or options" in first
    assert "as in the last training" not in first
    while client.get("/train/vision.classify/estimate", params={"explored": explored}).json()["pending"]:
        time.sleep(0.02)
    assert estimate(explored=explored).startswith("Very roughly ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (59.6, "1 min 0 s"),
        (61, "1 min 1 s"),
        (3600, "1 h 0 min"),
        (7800, "2 h 10 min"),
        (9e4, "25 h 0 min"),
    ],
)
def test_a_duration_in_words(seconds, text):
    assert duration(seconds) == text


def test_the_log_of_a_training(tmp_path):
    file = tmp_path / "train.log"
    assert last_lines(file, 3) == []
    assert failure(file) == ""
    file.write_text("epoch 1/2\n\nplexus: --epochs must be a number\n")
    assert last_lines(file, 1) == ["plexus: --epochs must be a number"]
    assert failure(file) == "--epochs must be a number"
    file.write_text("plexus: an earlier error\nepoch 2/2\nplexus: stopped\n")
    assert failure(file) == ""
    record_failure(file, "no process\ncan be started")
    assert failure(file) == "no process can be started"
    file.write_bytes(b"x" * (1 << 20) + b"\n\x1b[31mred\xff\n")
    assert last_lines(file, 1) == ["\\x1b[31mred\ufffd"]


def test_a_run_that_ended_with_an_error_has_failed_everywhere(parity, tmp_path):
    folder = Trainings(tmp_path / "runs").create("logic.parity", parity_options()).folder
    assert RunRecord.read(folder).to_json()["status"] == "interrupted"
    record_failure(folder / "train.log", "--data iris: there is no such data set")
    assert RunRecord.read(folder).to_json()["status"] == "failed"
    (folder / "train.log").write_text("plexus: stopped\n")
    assert RunRecord.read(folder).to_json()["status"] == "interrupted"
