"""Repeats in PyTorch the search steps that `toponas bench export` wrote, and compares all numbers.

    toponas bench export --space darts --out steps.safetensors
    python check_equal.py steps.safetensors

Both sides start from the same weights and see the same images. Compared are the losses of every step,
and where all weights, alphas and running statistics are after the last one. Ends with 1 if they differ.

Training magnifies rounding: in single precision two correct programs, or PyTorch with two layouts, part
after a few steps, the sooner the larger the network. So of a file of single precision, which is best
small, the losses alone are judged; one that a build with `--traits DoublePrecision` wrote is judged strictly.
"""
import argparse
import json
import math
import os
import re
import struct
import sys

import torch

from search_step import LAYOUTS, SPACES, SearchStep, weights_of

TYPES = {"F32": torch.float32, "I32": torch.int32}
PRECISIONS = {"Float": torch.float32, "Double": torch.float64}
HALVES = ("training", "validation")
# The largest difference of a loss, and of the state after the steps as a share of the way there.
TOLERANCES = {"Float": (1e-3, math.inf), "Double": (1e-6, 1e-4)}


def read_safetensors(path):
    """The tensors of a file by name, and its metadata."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > os.path.getsize(path) - 8:
            raise ValueError("its header is longer than the file")
        header, data = json.loads(file.read(length)), bytearray(file.read())
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = torch.frombuffer(
            data, dtype=TYPES[entry["dtype"]], count=(end - begin) // 4, offset=begin
        ).reshape(entry["shape"])
    return tensors, metadata


def peer_name(name):
    """The name in PyTorch of a parameter or running statistic of toponas."""
    name = name.replace(".gain", ".weight").replace("lastNorm", "last_norm")
    name = name.replace("runningMean", "running_mean").replace("runningVariance", "running_var")
    return re.sub(r"(input\d)\.(\d)", r"\1.kernels.\2", name)


def peer_layout(tensor):
    """Kernels [O, kH, kW, I] become [O, I, kH, kW], images [N, H, W, C] become [N, C, H, W]."""
    return tensor.permute(0, 3, 1, 2) if tensor.dim() == 4 else tensor


def state(tensors, time):
    """All weights, alphas and running statistics at `before` or `after`, as PyTorch has them."""
    return {peer_name(name.removeprefix(time + ".")): peer_layout(tensor)
            for name, tensor in tensors.items() if name.startswith(time + ".")}


def load(network, tensors):
    """Copies the state `before`; a name or shape that only one side has is an error."""
    missing, surplus = network.load_state_dict(state(tensors, "before"), strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or surplus:
        sys.exit(f"error: the file lacks {missing}, and has {surplus} of which PyTorch knows nothing")


def batches(tensors, half, precision, layout):
    return [(peer_layout(images).to(precision, memory_format=LAYOUTS[layout]), labels.long())
            for images, labels in zip(tensors[half + ".images"], tensors[half + ".labels"])]


def compare_losses(half, ours, theirs):
    """Prints both curves; returns their largest difference."""
    print(f"{half} loss")
    print("  step    toponas    PyTorch  difference")
    for step, (a, b) in enumerate(zip(ours, theirs), start=1):
        print(f"  {step:4}  {a:9.6f}  {b:9.6f}  {abs(a - b):10.2e}")
    return max((abs(a - b) for a, b in zip(ours, theirs)), key=nan_as_infinity)


def nan_as_infinity(number):
    return math.inf if math.isnan(number) else number


def compare_moves(tensors, network):
    """Prints how far apart both sides end, as a share of the way that they went; returns the largest."""
    before, after, theirs = state(tensors, "before"), state(tensors, "after"), network.state_dict()

    def length(differences):
        return math.sqrt(sum(float(d.double().square().sum()) for d in differences))

    def share(kind):
        names = [name for name in after if kind_of(name) == kind]
        return (length(theirs[n] - after[n] for n in names)
                / length(after[n] - before[n] for n in names))

    shares = {kind: share(kind) for kind in ("weights", "alphas", "running statistics")}
    print("after the last step, difference by way")
    for kind, value in shares.items():
        print(f"  {kind:18}  {value:.2e}")
    return max(shares.values(), key=nan_as_infinity)


def kind_of(name):
    if name.startswith("alpha"):
        return "alphas"
    return "running statistics" if ".running_" in name else "weights"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="what toponas bench export wrote")
    parser.add_argument("--threads", type=int, default=2, help="threads (2)")
    parser.add_argument("--layout", choices=LAYOUTS, default="channels_last")
    parser.add_argument("--alpha-gradients", choices=("all", "alpha"), default="alpha")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    try:
        tensors, metadata = read_safetensors(options.file)
    except (OSError, ValueError, struct.error) as error:
        sys.exit(f"error: {options.file} is no file of toponas bench export: {error}")
    space, precision = metadata["space"], PRECISIONS[metadata["scalar"]]
    network = SPACES[space].Supernet(int(metadata["channels"]), int(metadata["cells"]))
    load(network, tensors)
    network.to(precision, memory_format=LAYOUTS[options.layout])
    print(f"{space}, C = {metadata['channels']}, {metadata['cells']} cells, "
          f"{sum(p.numel() for p in weights_of(network)):,} weights; "
          f"{metadata['program']}; PyTorch {torch.__version__}, {options.layout}")

    step = SearchStep(network, space, options.alpha_gradients)
    halves = [batches(tensors, half, precision, options.layout) for half in HALVES]
    losses = [step(training, validation)[0] for training, validation in zip(*halves)]
    loss = max((compare_losses(half, tensors[half + ".losses"].tolist(), [l[half] for l in losses])
                for half in HALVES), key=nan_as_infinity)
    move = compare_moves(tensors, network)
    loss_limit, move_limit = TOLERANCES[metadata["scalar"]]
    is_equal = loss <= loss_limit and move <= move_limit
    print(f"largest difference of a loss {loss:.2e}, at most {loss_limit:g}; of a move {move:.2e}, "
          f"{'not judged' if math.isinf(move_limit) else f'at most {move_limit:g}'}: "
          f"{'equal' if is_equal else 'NOT EQUAL'}")
    sys.exit(0 if is_equal else 1)


if __name__ == "__main__":
    main()
