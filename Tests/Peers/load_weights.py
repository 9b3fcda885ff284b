"""Loads a file of `toponas export` into the PyTorch module that it belongs to.

    toponas export runs/nasbench201-evaluation-seed1 --out weights.safetensors
    python load_weights.py weights.safetensors

`load` is all that a program of one's own needs. Needs the package safetensors.

--images takes a file with the tensor `images` [N, 3, 32, 32], normalized, and --logits then writes the scores
[N, classes]; --save writes the weights of the module, as any PyTorch program would, for
`toponas evaluate --weights`.
"""
import argparse
import sys

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

import derived
from check_equal import peer_layout, peer_name
from search_step import SPACES

NETWORKS = {"nasbench201": derived.NASBench201Network, "darts": derived.DARTSNetwork}


def load(path):
    """The network of a file in evaluation mode, and what the file says of it."""
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
    if metadata.get("toponas_weights") != "1":
        raise ValueError("it does not say that it is of toponas export, version 1")
    tensors = load_file(path)
    if metadata["layout"] == "swift":
        tensors = {peer_name(name): peer_layout(tensor) for name, tensor in tensors.items()}
    network = module(metadata, has_auxiliary=any(n.startswith("auxiliary.") for n in tensors))
    # Strict: every weight, alpha and running statistic of the module, and nothing else.
    network.load_state_dict(tensors)
    return network.eval(), metadata


def module(metadata, has_auxiliary=False):
    """The network that the metadata describe, with random weights."""
    space, size = metadata["space"], [int(metadata[k]) for k in ("channels", "cells", "classes")]
    if metadata["network"] == "derived":
        return NETWORKS[space](metadata["genotype"], *size, has_auxiliary)
    if metadata["simplification"] != "none":
        raise ValueError("PyTorch has modules for supernets of plain spaces alone")
    return SPACES[space].Supernet(*size)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="what toponas export wrote")
    parser.add_argument("--images", help="a safetensors file with the tensor images")
    parser.add_argument("--logits", default="logits.safetensors", help="where the scores go")
    parser.add_argument("--save", help="write the weights of the module to this file")
    options = parser.parse_args()
    try:
        network, metadata = load(options.file)
    except (OSError, KeyError, ValueError, RuntimeError, SafetensorError) as error:
        sys.exit(f"error: {options.file} cannot be loaded: {error}")
    print(f"{metadata['network']} of {metadata['space']}, C = {metadata['channels']}, "
          f"{sum(p.numel() for p in network.parameters()):,} parameters, at {metadata['progress']}")
    if options.images:
        with torch.no_grad():
            save_file({"logits": network(load_file(options.images)["images"])}, options.logits)
    if options.save:
        save_file(network.state_dict(), options.save)


if __name__ == "__main__":
    main()
