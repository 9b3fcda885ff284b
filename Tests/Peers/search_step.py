"""Times the search step of first-order DARTS in PyTorch, on random images; prints one JSON object.

    python search_step.py --space darts --threads 2 --layout channels_last --alpha-gradients alpha
"""
import argparse
import json
import resource
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

import darts
import nasbench201

SPACES = {"nasbench201": nasbench201, "darts": darts}
CELLS = {"nasbench201": 5, "darts": 8}
LAYOUTS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}


class SearchStep:
    """The steps of weights and alpha, with the optimizers and numbers of `toponas search --preset paper`."""

    def __init__(self, network, space, alpha_gradients="alpha"):
        is_darts = space == "darts"
        self.network = network
        self.moves_alpha_first = is_darts
        self.all_gradients = alpha_gradients == "all"
        self.alphas = network.architecture_parameters()
        self.weights = weights_of(network)
        self.weight_optimizer = torch.optim.SGD(
            self.weights, lr=0.025, momentum=0.9, weight_decay=3e-4 if is_darts else 5e-4,
            nesterov=not is_darts)
        self.alpha_optimizer = torch.optim.Adam(
            self.alphas, lr=3e-4, betas=(0.5, 0.999), weight_decay=1e-3)

    def weight_step(self, images, labels):
        self.network.zero_grad()
        loss = F.cross_entropy(self.network(images), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(self.weights, 5)
        self.weight_optimizer.step()
        return loss.item()

    def alpha_step(self, images, labels):
        """With `all` the gradients of the weights are computed too, as the published codes do."""
        self.network.zero_grad()
        loss = F.cross_entropy(self.network(images), labels)
        if self.all_gradients:
            loss.backward()
        else:
            for alpha, gradient in zip(self.alphas, torch.autograd.grad(loss, self.alphas)):
                alpha.grad = gradient
        self.alpha_optimizer.step()
        return loss.item()

    def __call__(self, training, validation, clock=time.perf_counter):
        """Both steps in the order of the space; returns losses and seconds of each."""
        steps = [("training", self.weight_step, training), ("validation", self.alpha_step, validation)]
        losses, seconds = {}, {}
        for half, step, batch in reversed(steps) if self.moves_alpha_first else steps:
            start = clock()
            losses[half] = step(*batch)
            seconds[half] = clock() - start
        return losses, seconds


def weights_of(network):
    """All parameters but alpha."""
    alphas = {id(alpha) for alpha in network.architecture_parameters()}
    return [p for p in network.parameters() if id(p) not in alphas]


def random_batch(size, layout):
    images = torch.randn(size, 3, 32, 32).to(memory_format=LAYOUTS[layout])
    return images, torch.randint(10, (size,))


def peak_memory_bytes():
    """The most resident memory of this process so far."""
    try:
        with open("/proc/self/status") as status:
            return next(int(l.split()[1]) * 1024 for l in status if l.startswith("VmHWM:"))
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def measure(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    cells = options.cells or CELLS[options.space]
    network = SPACES[options.space].Supernet(options.channels, cells)
    network.to(memory_format=LAYOUTS[options.layout])
    step = SearchStep(network, options.space, options.alpha_gradients)
    if options.compile:
        step.network = torch.compile(network)
    training, validation = (random_batch(options.batch, options.layout) for _ in range(2))
    for _ in range(options.warmup):
        step(training, validation)
    seconds = [step(training, validation)[1] for _ in range(options.steps)]
    return {
        "space": options.space, "channels": options.channels, "cells": cells,
        "batch": options.batch, "threads": options.threads, "steps": options.steps,
        "alpha_step_seconds": statistics.median(s["validation"] for s in seconds),
        "weight_step_seconds": statistics.median(s["training"] for s in seconds),
        "step_seconds": statistics.median(sum(s.values()) for s in seconds),
        "parameters": sum(p.numel() for p in step.weights),
        "logits": sum(p.numel() for p in step.alphas),
        "peak_memory_bytes": peak_memory_bytes(), "layout": options.layout,
        "alpha_gradients": options.alpha_gradients, "compiled": options.compile, "torch": torch.__version__,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--space", choices=SPACES, default="nasbench201")
    parser.add_argument("--channels", type=int, default=16, help="C of the first stage (16)")
    parser.add_argument("--cells", type=int, help="a stage on nasbench201 (5), all of darts (8)")
    parser.add_argument("--batch", type=int, default=64, help="images per step (64)")
    parser.add_argument("--threads", type=int, default=2, help="threads (2)")
    parser.add_argument("--steps", type=int, default=5, help="steps that are timed (5)")
    parser.add_argument("--warmup", type=int, default=1, help="steps before them (1)")
    parser.add_argument("--layout", choices=LAYOUTS, default="channels_last")
    parser.add_argument("--alpha-gradients", choices=("all", "alpha"), default="alpha",
                        help="what the alpha step differentiates: all, or alpha alone (alpha)")
    parser.add_argument("--compile", action="store_true", help="through torch.compile")
    print(json.dumps(measure(parser.parse_args())))


if __name__ == "__main__":
    main()
