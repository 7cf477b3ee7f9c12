"""Speed and reproducibility of data-parallel training on 1, 2, 4 and 8 simulated devices and on two processes.

Prints the examples/s of the same training, and the largest difference of an epoch's loss from that on one device. The
simulated devices share the cores of this machine, so the speeds show the overhead of sharding, not a speed-up. The
differences show whether the training stays the same.

Run as: python benchmarks/scaling.py [EPOCHS]; needs the extra `jax`.
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
    """Train in this process; print the losses, and the speed without the first epoch, which compiles."""
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


def run_processes(backend, count, hosts, epochs, folder):
    """Run all processes of a training; returns the results that the first one prints."""
    with socket.socket() as free_socket:
        free_socket.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free_socket.getsockname()[1]}"
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
    outputs = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise SystemExit(f"{backend}, {count} devices, {hosts} processes: failed")
    return json.loads(outputs[0].splitlines()[-1])


def main(epochs):
    """Print one row per backend, number of processes and number of devices."""
    print(f"{'backend':12}{'processes':>10}{'devices':>9}{'examples/s':>12}{'largest loss difference':>25}")
    for backend, counts in DEVICES.items():
        reference = None
        for count, hosts in [*((count, 1) for count in counts), *([(1, 2)] if backend == "jax" else [])]:
            with tempfile.TemporaryDirectory() as folder:
                result = run_processes(backend, count, hosts, epochs, Path(folder))
            reference = reference or result["losses"]
            difference = max(abs(a - b) for a, b in zip(result["losses"], reference, strict=True))
            print(f"{backend:12}{hosts:10}{count * hosts:9}{result['rate']:12,.0f}{difference:25.1e}", flush=True)
    print(f"{epochs} epochs of {result['steps']} steps each; the loss is the mean over an epoch")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        train(sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 4)
