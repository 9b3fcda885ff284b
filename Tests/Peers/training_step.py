"""Times a step of training a derived cell from scratch in PyTorch, on random images; prints one JSON object.

    python training_step.py --genotype "$CELL" --batch 96 --channels 36 --threads 2 --layout channels_last

The network, the optimizer and, for cells of DARTS, the auxiliary head are those of `toponas evaluate`, without drop path.
"""
import argparse
import json
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

import derived
from search_step import LAYOUTS, random_batch


def network_of(genotype, channels, cells):
    """The network of a cell of NAS-Bench-201, which begins with a bar, or of cells of DARTS with an auxiliary head."""
    if genotype.startswith("|"):
        return derived.NASBench201Network(genotype, channels, cells)
    return derived.DARTSNetwork(genotype, channels, cells, has_auxiliary=True)


def loss_of(scores, labels):
    """The cross entropy; that of an auxiliary head counts 0.4."""
    if isinstance(scores, tuple):
        return F.cross_entropy(scores[0], labels) + 0.4 * F.cross_entropy(scores[1], labels)
    return F.cross_entropy(scores, labels)


def training_step(network, optimizer, images, labels):
    optimizer.zero_grad()
    loss_of(network(images), labels).backward()
    nn.utils.clip_grad_norm_(network.parameters(), 5)
    optimizer.step()


def measure(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    network = network_of(options.genotype, options.channels, options.cells)
    network.to(memory_format=LAYOUTS[options.layout])
    optimizer = torch.optim.SGD(network.parameters(), lr=0.025, momentum=0.9, weight_decay=3e-4)
    run = torch.compile(network) if options.compile else network
    images, labels = random_batch(options.batch, options.layout)
    seconds = []
    for _ in range(options.warmup + options.steps):
        start = time.perf_counter()
        training_step(run, optimizer, images, labels)
        seconds.append(time.perf_counter() - start)
    return {"training_step_seconds": statistics.median(seconds[options.warmup:])}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--genotype", required=True, help="as `Genotype(normal=[...], ...)` or `|...~0|+|...`")
    parser.add_argument("--channels", type=int, default=36, help="C of the first cells (36)")
    parser.add_argument("--cells", type=int, default=20, help="cells (20)")
    parser.add_argument("--batch", type=int, default=96, help="images per step (96)")
    parser.add_argument("--threads", type=int, default=2, help="threads (2)")
    parser.add_argument("--steps", type=int, default=3, help="steps that are timed (3)")
    parser.add_argument("--warmup", type=int, default=1, help="steps before them (1)")
    parser.add_argument("--layout", choices=LAYOUTS, default="channels_last")
    parser.add_argument("--compile", action="store_true", help="through torch.compile")
    print(json.dumps(measure(parser.parse_args())))


if __name__ == "__main__":
    main()
