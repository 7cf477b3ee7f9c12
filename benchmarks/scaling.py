"""One training on more and more devices and processes: how fast, and how far its losses are from those of one.

Simulated devices share this machine's cores, so examples/s say what dividing costs, not what it gains; losses say
whether it is the same training. Run as: python benchmarks/scaling.py [EPOCHS]; needs the extra `jax`.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

DEVICES = {"tensorflow": (1, 2, 4, 8), "jax": (1, 2, 4, 8)}
OPTIONS = {"data": "digits", "augment": "none", "dropout": 0, "batch_size": 80, "width": 0.5, "patience": 0}


def train(backend, count, hosts, epochs, folder):
    """Train here, and print the losses and the rate of the epochs after the first, which compiles."""
    from plexus.plugins.registry import registry
    from plexus.run import Run
    from plexus.training.trainer import Trainer

    task = registry().task("vision.classify")
    devices = "cpu:" + ",".join(map(str, range(count))) if count > 1 else "cpu"
    values = OPTIONS | {"backend": backend, "devices": devices, "hosts": hosts, "epochs": epochs}
    run = Run.start(task.id, task.options.parse(values), folder=Path(folder))
    session = Trainer(task, quiet=True).begin(run, task.load_dataset(run.options))
    session.fit()
    losses = [line["loss"] for line in session.state.history]
    print(json.dumps({"losses": losses, "rate": session.examples_per_second(), "steps": session.checkpoint.steps}))


def started(backend, count, hosts, epochs, folder):
    """A row of the table: all processes of a training, and what the first one printed."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{one.getsockname()[1]}"
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, backend, str(count), str(hosts), str(epochs), str(folder / f"run{number}")],
            env=os.environ | {"JAX_COORDINATOR_ADDRESS": address, "JAX_PROCESS_ID": str(number)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for number in range(hosts)
    ]
    printed = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise SystemExit(f"{backend}, {count} devices, {hosts} processes: failed")
    return json.loads(printed[0].splitlines()[-1])


def main(epochs):
    """Print the table."""
    print(f"{'backend':12}{'processes':>10}{'devices':>9}{'examples/s':>12}{'largest difference of a loss':>32}")
    for backend, counts in DEVICES.items():
        alone = None
        for count, hosts in [*((count, 1) for count in counts), *([(1, 2)] if backend == "jax" else [])]:
            with tempfile.TemporaryDirectory() as folder:
                said = started(backend, count, hosts, epochs, Path(folder))
            alone = alone or said["losses"]
            difference = max(abs(a - b) for a, b in zip(said["losses"], alone, strict=True))
            print(f"{backend:12}{hosts:10}{count * hosts:9}{said['rate']:12,.0f}{difference:32.1e}", flush=True)
    print(f"{epochs} epochs of {said['steps']} steps each; a loss is an epoch's mean")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        train(sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 4)
