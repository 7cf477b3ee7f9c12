"""Small files like those that readers have."""

import csv
import sqlite3
from pathlib import Path

import numpy as np


def write_samples(folder: Path) -> Path:
    """Write the files that the snippets of the documentation name, and return their folder."""
    from plexus_apps.image_recognition.app import draw_photo
    from plexus_apps.voice_commands.examples import write_example

    draw_photo(folder / "three.png")
    for name in ("photos", "other_photos"):
        _write_photos(folder / name)
    _write_faces(folder)
    _write_reviews(folder)
    _write_transactions(folder)
    _write_customers(folder / "customers.csv")
    _write_translations(folder)
    _write_tables(folder)
    _write_recordings(folder / "recordings")
    write_example(folder / "recording.wav")
    write_example(folder / "word.wav", ("stop",))
    return folder


def _write_photos(folder):
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits(n_class=3)
    for number, (pixels, label) in enumerate(zip(digits.images[:240], digits.target[:240], strict=True)):
        place = folder / ("zero", "one", "two")[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray((pixels * 15.9).astype("uint8")).save(place / f"{number}.png")


def _write_faces(folder):
    """Write three pictures of Anna to enrol, two others to verify, and a picture of a group with her."""
    from PIL import Image

    from plexus_faces.drawn_faces import draw_face, draw_group

    (folder / "anna").mkdir()
    for picture, name in enumerate(("anna/1.jpg", "anna/2.jpg", "anna/3.jpg", "a.jpg", "b.jpg")):
        Image.fromarray(draw_face(0, picture)).save(folder / name)
    Image.fromarray(draw_group([1, 0, 4])).save(folder / "group.jpg")


def _write_table(file, rows):
    with file.open("w", newline="", encoding="utf-8") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _write_reviews(folder):
    from plexus_sentiment.phrases import generate_phrases

    for name, seed in (("reviews.csv", 5), ("other_reviews.csv", 6)):
        texts, labels = generate_phrases(400, seed)
        names = ("negative", "positive")
        rows = [{"review": text, "stars": names[label]} for text, label in zip(texts, labels, strict=True)]
        _write_table(folder / name, rows)
    (folder / "more_reviews.txt").write_text("\n".join(generate_phrases(200, 7)[0]), encoding="utf-8")


def _write_transactions(folder):
    from plexus_fraud.simulation import Simulation, simulate

    for name, seed in (("transactions.csv", 0), ("next_month.csv", 1)):
        columns = simulate(Simulation(customers=200, terminals=60, days=40, seed=seed))
        columns["is_fraud"] = columns.pop("fraud")
        values = zip(*(column.tolist() for column in columns.values()), strict=True)
        rows = [dict(zip(columns, row, strict=True)) for row in values]
        _write_table(folder / name, rows)
    day = [{key: value for key, value in row.items() if key != "is_fraud"} for row in rows[-50:]]
    _write_table(folder / "day.csv", day)
    with sqlite3.connect(folder / "shop.db") as database:
        database.execute("create table payments (time, customer, terminal, amount, is_fraud)")
        database.executemany("insert into payments values (:time, :customer, :terminal, :amount, :is_fraud)", rows)
    database.close()


def _write_tables(folder):
    """Write tables with a label, a number, and the outcomes of patients and loans."""
    import polars as pl

    generator = np.random.default_rng(0)
    rows = 200
    age, score = generator.integers(18, 90, rows), generator.normal(size=rows).round(3)
    event = generator.random(rows) < 1 / (1 + np.exp(-2 * score))
    members = pl.DataFrame(
        {"age": age, "plan": generator.choice(["basic", "plus"], rows), "months": generator.integers(1, 60, rows)}
    )
    churn = pl.Series("churn", np.where(event, "yes", "no"))
    for name, table in (("members", members.hstack([churn])), ("next_year", members.hstack([churn])), ("new", members)):
        table.write_csv(folder / f"{name}.csv")
    addresses = [f"{number} Station Road" for number in range(rows)]
    houses = pl.DataFrame({"area": age, "rooms": age // 15, "address": addresses, "price": age * 3000 + score * 9000})
    houses.write_parquet(folder / "houses.parquet")
    patients = pl.DataFrame({"patient": np.arange(rows) // 2, "age": age, "marker": score})
    patients.with_columns(sepsis=event.astype(int)).write_csv(folder / "patients.csv")
    loans = pl.DataFrame({"amount": age * 100, "income": score, "sex": generator.choice(["f", "m"], rows)})
    loans.with_columns(defaulted=event.astype(int)).write_csv(folder / "loans.csv")
    loans.write_csv(folder / "applications.csv")
    with sqlite3.connect(folder / "clinic.db") as database:
        database.execute("create table visits (patient, age, marker, outcome)")
        visits = zip(*(column.to_list() for column in patients), event.astype(int).tolist(), strict=True)
        database.executemany("insert into visits values (?, ?, ?, ?)", visits)
    database.close()


def _write_customers(file):
    from sklearn.datasets import make_blobs

    points, _ = make_blobs(300, centers=3, random_state=0)
    names = ("visits", "spending")
    _write_table(file, [dict(zip(names, point, strict=True)) for point in np.round(points, 3).tolist()])


def _write_translations(folder):
    """Write pairs of sentences, a text to translate, and terms with their translations."""
    for number, name in enumerate(("pairs.csv", "more_pairs.csv", "other_pairs.tsv")):
        separator = "," if name.endswith(".csv") else "\t"
        rooms = range(100 + 150 * number, 250 + 150 * number)
        lines = [f"Room {room} is free.{separator}Zimmer {room} ist frei." for room in rooms]
        (folder / name).write_text("\n".join([f"en{separator}de", *lines]), encoding="utf-8")
    (folder / "letter.txt").write_text("Good evening.\n\nRoom 7 is free.", encoding="utf-8")
    (folder / "terms.csv").write_text("en,de\nroom,Raum\n", encoding="utf-8")


def _write_recordings(folder):
    import soundfile

    from plexus_speech.synthesizer import synthesize_dataset

    waveforms, words = synthesize_dataset()["train"]
    for waveform, word in zip(waveforms[::2], words[::2], strict=True):
        (folder / word).mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / word / f"{waveform.name}.wav", waveform.samples, waveform.rate)
