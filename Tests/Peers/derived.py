"""The networks of derived cells, as `toponas evaluate` trains them; all batch norms have gain and bias."""
import ast

import torch
import torch.nn as nn
import torch.nn.functional as F

import darts
import nasbench201
from layers import ConvNorm, total


class Zero(nn.Module):
    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return torch.zeros_like(x[:, :, ::self.stride, ::self.stride])


class Strips(nn.Module):
    """ReLU, a convolution along the width, one along the height, batch norm; each strides along its axis."""

    def __init__(self, channels, kernel, stride, norm):
        super().__init__()
        half = kernel // 2
        self.add_module(f"conv1x{kernel}", nn.Conv2d(
            channels, channels, (1, kernel), (1, stride), (0, half), bias=False))
        self.add_module(f"conv{kernel}x1", nn.Conv2d(
            channels, channels, (kernel, 1), (stride, 1), (half, 0), bias=False))
        self.bn = norm(channels)
        self.names = f"conv1x{kernel}", f"conv{kernel}x1"

    def forward(self, x):
        x = F.relu(x)
        for name in self.names:
            x = getattr(self, name)(x)
        return self.bn(x)


def operation(name, channels, stride=1):
    """One operation, as the only entry of a dictionary, so that its weights bear its name."""
    norm = nn.BatchNorm2d
    makers = {
        "none": lambda: Zero(stride),
        "skip_connect": lambda: nn.Identity() if stride == 1 else darts.HalvingSkip(channels, norm),
        "nor_conv_1x1": lambda: nasbench201.ReLUConvNorm(channels, 1, norm),
        "nor_conv_3x3": lambda: nasbench201.ReLUConvNorm(channels, 3, norm),
        "avg_pool_3x3": lambda: nn.AvgPool2d(3, stride, 1, count_include_pad=False),
        "max_pool_3x3": lambda: nn.MaxPool2d(3, stride, 1),
        "sep_conv_3x3": lambda: darts.Separable(channels, 3, stride, norm),
        "sep_conv_5x5": lambda: darts.Separable(channels, 5, stride, norm),
        "sep_conv_7x7": lambda: darts.Separable(channels, 7, stride, norm),
        "conv_7x1_1x7": lambda: Strips(channels, 7, stride, norm),
        "dil_conv_3x3": lambda: darts.Dilated(channels, 3, stride, norm),
        "dil_conv_5x5": lambda: darts.Dilated(channels, 5, stride, norm),
    }
    return nn.ModuleDict({name: makers[name]()})


def apply(operation, x):
    (module,) = operation.values()
    return module(x)


class NASBench201Cell(nn.Module):
    """Four nodes; each is the sum of one operation from each node before it."""

    def __init__(self, operations, channels):
        super().__init__()
        for (source, target), name in zip(nasbench201.EDGES, operations):
            self.add_module(f"edge{source}to{target}", operation(name, channels))

    def forward(self, x):
        nodes = [x]
        for target in range(1, 4):
            nodes.append(total(
                apply(getattr(self, f"edge{source}to{target}"), nodes[source])
                for source in range(target)))
        return nodes[-1]


class NASBench201Network(nasbench201.Backbone):
    """The network of a cell such as `|nor_conv_3x3~0|+|none~0|skip_connect~1|+|...|`."""

    def __init__(self, genotype, channels, cells, classes=10, has_auxiliary=False):
        words = genotype.replace("+", "").strip("|").split("|")
        operations = [word.split("~")[0] for word in words if word]
        super().__init__(channels, cells, classes, lambda width: NASBench201Cell(operations, width))


class DARTSCell(nn.Module):
    """Two inputs, nodes of two operations each, the concatenation of some of them."""

    def __init__(self, connections, output, inputs, channels, is_reduction, follows_reduction):
        super().__init__()
        norm = nn.BatchNorm2d
        self.sources, self.output = [source for _, source in connections], output
        self.input0 = darts.Preprocessing(inputs[0], channels, follows_reduction, norm)
        self.input1 = darts.Preprocessing(inputs[1], channels, False, norm)
        for index, (name, source) in enumerate(connections):
            stride = 2 if is_reduction and source < 2 else 1
            self.add_module(f"operation{index}", operation(name, channels, stride))

    def forward(self, before_last, last):
        nodes = [self.input0(before_last), self.input1(last)]
        for first in range(0, len(self.sources), 2):
            nodes.append(total(
                apply(getattr(self, f"operation{index}"), nodes[self.sources[index]])
                for index in (first, first + 1)))
        return torch.cat([nodes[node] for node in self.output], dim=1)


class AuxiliaryHead(nn.Module):
    """The second classifier, of training alone; it reads maps of 8 x 8 pixels."""

    def __init__(self, inputs, classes):
        super().__init__()
        self.narrow = ConvNorm(inputs, 128, 1)
        self.wide = ConvNorm(128, 768, 2, padding=0)
        self.classifier = nn.Linear(768, classes)

    def forward(self, x):
        x = F.avg_pool2d(F.relu(x), 5, stride=3)
        return self.classifier(F.relu(self.wide(F.relu(self.narrow(x)))).flatten(1))


class DARTSNetwork(nn.Module):
    """The network of cells such as `Genotype(normal=[('sep_conv_3x3', 0), ...], ...)`.

    In training it returns the scores of both classifiers; drop path is left to the user.
    """

    def __init__(self, genotype, channels, cells, classes=10, has_auxiliary=False):
        super().__init__()
        parts = {word.arg: ast.literal_eval(word.value)
                 for word in ast.parse(genotype, mode="eval").body.keywords}
        self.stem = ConvNorm(3, 3 * channels, 3)
        self.cells = nn.ModuleList()
        widths, follows_reduction = [3 * channels, 3 * channels], False
        for index in range(cells):
            is_reduction = index in (cells // 3, 2 * cells // 3)
            channels *= 2 if is_reduction else 1
            kind = "reduce" if is_reduction else "normal"
            output = parts[kind + "_concat"]
            self.cells.append(DARTSCell(
                parts[kind], output, widths[-2:], channels, is_reduction, follows_reduction))
            widths.append(len(output) * channels)
            follows_reduction = is_reduction
        self.auxiliary_place = 2 * cells // 3
        if has_auxiliary:
            self.auxiliary = AuxiliaryHead(widths[self.auxiliary_place + 2], classes)
        self.classifier = nn.Linear(widths[-1], classes)

    def forward(self, images):
        before_last = last = self.stem(images)
        auxiliary = None
        for index, cell in enumerate(self.cells):
            before_last, last = last, cell(before_last, last)
            if self.training and index == self.auxiliary_place and hasattr(self, "auxiliary"):
                auxiliary = self.auxiliary(last)
        scores = self.classifier(last.mean((2, 3)))
        return (scores, auxiliary) if self.training else scores
