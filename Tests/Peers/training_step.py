"""Times a step of training the cells of DARTS from scratch in PyTorch, on random images; prints one JSON object.

    python training_step.py --batch 96 --channels 36 --threads 2 --layout channels_last

The network, the auxiliary head and the optimizer are those of `toponas evaluate --preset paper`, without drop path.
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


def training_step(network, optimizer, images, labels):
    optimizer.zero_grad()
    scores, auxiliary = network(images)
    loss = F.cross_entropy(scores, labels) + 0.4 * F.cross_entropy(auxiliary, labels)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 5)
    optimizer.step()


def measure(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    network = derived.DARTSNetwork(
        options.genotype, options.channels, options.cells, has_auxiliary=True)
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
    parser.add_argument("--genotype", required=True, help="as `Genotype(normal=[...], ...)`")
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
