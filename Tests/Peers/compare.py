"""Times the search step of toponas, on the plain and on the simplified space, and of PyTorch, in alternation.

    python compare.py --toponas .build/release/toponas --space darts --rounds 5

In every round each program runs once, one after another, because a machine's speed changes with time. The table has
medians over the rounds and the range of the step; a ratio is that of two medians in the table. It compares programs: PyTorch
on the plain space differs from toponas on the simplified one in the implementation and in the method. PyTorch runs in every
layout, and through torch.compile too where there is a C++ compiler; the fastest of its settings is named. With --training,
a column has the step that trains a derived cell of the space from scratch (batch 96, C = 36 unless told otherwise). Needs
nothing but Python; PyTorch is needed by the Python that `--python` names.
"""
import argparse
import itertools
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

PEER = pathlib.Path(__file__).with_name("search_step.py")
TRAINING_PEER = pathlib.Path(__file__).with_name("training_step.py")
DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
    "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), "
    "('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
    "('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])")
# The best cell of the benchmark by test accuracy on CIFAR-10.
BEST_201 = (
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|")
DERIVED = {"nasbench201": BEST_201, "darts": DARTS_V2}
CELLS = {"nasbench201": 5, "darts": 8}
TRAINING_CELLS = {"nasbench201": 5, "darts": 20}
SIMPLIFIED = "toponas simplified"
HEAD = ("program", "alpha ms", "weights ms", "step ms", "from-to", "memory MiB", "training ms")


class Setting:
    """One program with its options."""

    def __init__(self, name, command, environment=None, training=None):
        self.name, self.command, self.training = name, command, training
        self.environment = {**os.environ, **(environment or {})}
        self.results = []

    def run(self):
        self.results.append(self.parsed(self.command))
        if self.training:
            self.results[-1].update(self.trained())

    def trained(self):
        """The step of training: what PyTorch prints, or the last line of the metrics that toponas leaves."""
        if self.is_pytorch:
            return self.parsed(self.training)
        with tempfile.TemporaryDirectory() as folder:
            self.output(self.training + ["--out", f"{folder}/run"])
            last = pathlib.Path(folder, "run/metrics.jsonl").read_text().splitlines()[-1]
        return {"training_step_seconds": json.loads(last)["seconds_per_step"]}

    def parsed(self, command):
        try:
            return json.loads(self.output(command))
        except json.JSONDecodeError as error:
            sys.exit(f"error: {' '.join(command)} printed no JSON object: {error}")

    def output(self, command):
        try:
            run = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        except OSError as error:
            sys.exit(f"error: cannot run {command[0]}: {error.strerror}")
        if run.returncode:
            sys.exit(f"error: {' '.join(command)} ended with {run.returncode}:\n{run.stderr}")
        return run.stdout

    @property
    def is_pytorch(self):
        return self.name.startswith("PyTorch")

    def median(self, key):
        return statistics.median(result[key] for result in self.results)

    def spread(self, key):
        """The least and the most of all rounds."""
        numbers = [result[key] for result in self.results]
        return min(numbers), max(numbers)


def settings(options, threads):
    """What is compared: toponas first, then PyTorch in every setting."""
    size = ["--space", options.space, "--channels", str(options.channels),
            "--cells", str(options.cells), "--batch", str(options.batch),
            "--threads", str(threads), "--steps", str(options.steps)]
    for kind in ("simplified",) if options.simplify else ("plain", "simplified"):
        option = "--no-simplify" if kind == "plain" else "--simplify"
        yield Setting(
            SIMPLIFIED if kind == "simplified" else f"toponas {kind}",
            [options.toponas, "bench", "step", *size, option, "--json"],
            training=training(options, threads) if kind == "plain" else None)
    for layout, gradients, compiled in itertools.product(
            options.layouts, options.alpha_gradients, [False, True] if options.compile else [False]):
        variant = ["--layout", layout] + ["--compile"] * compiled
        peer = [options.python, str(TRAINING_PEER), *variant]
        yield Setting(
            f"PyTorch {layout}, alpha step: gradients of {gradients}{', compiled' * compiled}",
            [options.python, str(PEER), *size, *variant, "--alpha-gradients", gradients],
            {"OMP_PROC_BIND": "true"} if options.bind else None,
            training(options, threads, peer))


def training(options, threads, peer=None):
    """The command that trains a derived cell from scratch, of PyTorch if `peer` begins it; None if it is not wanted."""
    if not options.training:
        return None
    size = ["--genotype", DERIVED[options.space], "--channels", str(options.training_channels),
            "--cells", str(options.training_cells), "--batch", "96", "--threads", str(threads)]
    if peer:
        return [*peer, *size, "--steps", str(options.steps)]
    drop_path = ["--drop-path", "0"] if options.space == "darts" else []
    return [options.toponas, "evaluate", "--preset", "tiny", *size, "--cutout", "0", *drop_path,
            "--train-images", str(96 * (options.steps + 1)), "--test-images", "10", "--epochs", "1",
            "--quiet"]


def has_compiler():
    """Whether torch.compile finds a C++ compiler."""
    return any(shutil.which(name) for name in (os.environ.get("CXX", "g++"), "clang++", "c++"))


def check_same(programs):
    """Plain networks have as many weights on both sides; else the comparison would be of two networks."""
    counts = {program.name: program.results[0]["parameters"] for program in programs}
    if len(set(counts.values())) > 1:
        sys.exit(f"error: the networks differ in their weights: {counts}")


def row(program):
    """The medians of one program, as printed."""
    cells = [program.name]
    cells += [f"{1e3 * program.median(key):,.1f}"
              for key in ("alpha_step_seconds", "weight_step_seconds", "step_seconds")]
    low, high = program.spread("step_seconds")
    cells += [f"{1e3 * low:,.1f}-{1e3 * high:,.1f}",
              f"{program.median('peak_memory_bytes') / 2**20:,.0f}"]
    return cells + [f"{1e3 * program.median('training_step_seconds'):,.1f}" if program.training else ""]


def ratio(one, other):
    """How much more one program takes than another."""
    time = one.median("step_seconds") / other.median("step_seconds")
    memory = one.median("peak_memory_bytes") / other.median("peak_memory_bytes")
    return f"{one.name} / {other.name}: {time:.2f} x time, {memory:.2f} x memory"


def table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:])]).rstrip()
        for row in rows)


def compare(options, threads):
    """Runs all rounds for one number of threads, prints the table, returns all results."""
    programs = list(settings(options, threads))
    for number in range(1, options.rounds + 1):
        for program in programs:
            print(f"threads {threads}, round {number} of {options.rounds}: {program.name}",
                  file=sys.stderr)
            program.run()
    check_same([program for program in programs if program.name != SIMPLIFIED])
    print(f"{options.space}, C = {options.channels}, {options.cells} cells, batch {options.batch}, "
          f"threads {threads}: medians of {options.rounds} rounds of {options.steps} steps")
    rows = [HEAD] + [row(program) for program in programs]
    print(table(rows if options.training else [cells[:-1] for cells in rows]))
    theirs = [program for program in programs if program.is_pytorch]
    ours = [program for program in programs if program not in theirs]
    for pair in [*itertools.combinations(ours, 2), *itertools.product(theirs, ours)]:
        print(ratio(*pair))
    for key, name in (("step_seconds", "a step"), ("training_step_seconds", "a step of training")):
        timed = [program for program in theirs if key in program.results[0]]
        if timed:
            print(f"PyTorch is fastest in {name}: {min(timed, key=lambda it: it.median(key)).name}")
    print()
    return [{"program": program.name, "threads": threads, "rounds": program.results}
            for program in programs]


def numbers(text):
    return [int(number) for number in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--toponas", default=shutil.which("toponas") or ".build/release/toponas",
                        help="the program, a release build (%(default)s)")
    parser.add_argument("--python", default=sys.executable, help="a Python with PyTorch (this one)")
    parser.add_argument("--space", choices=CELLS, default="nasbench201")
    parser.add_argument("--simplify", action="store_true", help="leave out toponas on the plain space")
    parser.add_argument("--channels", type=int, default=16, help="C of the first stage (16)")
    parser.add_argument("--cells", type=int, help="per stage of nasbench201 (5), all of darts (8)")
    parser.add_argument("--batch", type=int, default=64, help="images per step (64)")
    parser.add_argument("--threads", type=numbers, default=[2], metavar="N[,N]",
                        help="numbers of threads, for example 1,2 (2)")
    parser.add_argument("--steps", type=int, default=5, help="steps per run (5)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each program (5)")
    parser.add_argument("--layouts", nargs="+", choices=("channels_last", "nchw"),
                        default=["channels_last", "nchw"], help="of PyTorch (both)")
    parser.add_argument("--alpha-gradients", nargs="+", choices=("alpha", "all"),
                        default=["alpha"],
                        help="what PyTorch's alpha step differentiates: alpha alone, which is faster, "
                        "or all, as the published codes do (alpha)")
    parser.add_argument("--bind", action="store_true", help="set OMP_PROC_BIND=true for PyTorch")
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=has_compiler(),
                        help="PyTorch through torch.compile too (if there is a C++ compiler)")
    parser.add_argument("--training", action="store_true",
                        help="also time training DARTS_V2, or the best cell of NAS-Bench-201, from scratch: batch 96")
    parser.add_argument("--training-channels", type=int, default=36, metavar="C",
                        help="channels of that network (36)")
    parser.add_argument("--training-cells", type=int, metavar="N",
                        help="cells of that network (20 of darts, 5 per stage of nasbench201)")
    parser.add_argument("--json", metavar="FILE", help="write all results of all rounds")
    options = parser.parse_args()
    options.cells = options.cells or CELLS[options.space]
    options.training_cells = options.training_cells or TRAINING_CELLS[options.space]
    results = [result for threads in options.threads for result in compare(options, threads)]
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
