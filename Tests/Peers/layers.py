"""What the networks of both spaces are made of.

Modules bear the names that toponas gives its parameters, so that weights can be copied by name.
"""
import functools
import operator

import torch.nn as nn
import torch.nn.functional as F


class ConvNorm(nn.Module):
    """A convolution without bias, then batch norm with gain and bias."""

    def __init__(self, inputs, outputs, kernel, stride=1, padding=None):
        super().__init__()
        padding = kernel // 2 if padding is None else padding
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.bn(self.conv(x))


def search_norm(channels):
    """The batch norm of searched cells: without gain and bias, as in the published searches."""
    return nn.BatchNorm2d(channels, affine=False)


def average_pool(x, stride=1):
    """3x3 average pooling; padding does not count."""
    return F.avg_pool2d(x, 3, stride, 1, count_include_pad=False)


def total(tensors):
    """Their sum; without the 0 to which `sum` adds the first, a pass over memory."""
    return functools.reduce(operator.add, tensors)


def mixture(weights, candidates, x):
    """The weighted sum of candidates; `none` is zero and costs nothing: its weight is not used."""
    return total(weights[index] * candidate(x) for index, candidate in candidates)
