"""The supernet of NAS-Bench-201, as `toponas search --no-simplify` builds it."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from layers import ConvNorm, average_pool, mixture, search_norm, total

CANDIDATES = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
EDGES = [(source, target) for target in range(1, 4) for source in range(target)]


class ReLUConvNorm(nn.Module):
    def __init__(self, channels, kernel, norm=search_norm):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, kernel, padding=kernel // 2, bias=False)
        self.bn = norm(channels)

    def forward(self, x):
        return self.bn(self.conv(F.relu(x)))


class MixedEdge(nn.Module):
    """All candidates, weighted."""

    def __init__(self, channels):
        super().__init__()
        self.nor_conv_1x1 = ReLUConvNorm(channels, 1)
        self.nor_conv_3x3 = ReLUConvNorm(channels, 3)

    def forward(self, x, weights):
        candidates = (lambda x: x, self.nor_conv_1x1, self.nor_conv_3x3, average_pool)
        return mixture(weights, enumerate(candidates, start=1), x)


class Cell(nn.Module):
    """Four nodes; each is the sum of the edges from all nodes before it."""

    def __init__(self, channels):
        super().__init__()
        for source, target in EDGES:
            self.add_module(f"edge{source}to{target}", MixedEdge(channels))

    def forward(self, x, weights):
        nodes = [x]
        for target in range(1, 4):
            nodes.append(total(
                getattr(self, f"edge{source}to{target}")(nodes[source], weights[row])
                for row, (source, end) in enumerate(EDGES) if end == target))
        return nodes[-1]


class ResidualBlock(nn.Module):
    """Halves the image and doubles the channels."""

    def __init__(self, inputs):
        super().__init__()
        self.first = ConvNorm(inputs, 2 * inputs, 3, stride=2)
        self.second = ConvNorm(2 * inputs, 2 * inputs, 3)
        self.shortcut = nn.Conv2d(inputs, 2 * inputs, 1, bias=False)

    def forward(self, x):
        direct = self.shortcut(F.avg_pool2d(x, 2, 2))
        return direct + self.second(F.relu(self.first(F.relu(x))))


class Backbone(nn.Module):
    """All but what is in the cells: class scores [N, classes] of images [N, 3, 32, 32]."""

    def __init__(self, channels, cells, classes, make_cell):
        super().__init__()
        self.stem = ConvNorm(3, channels, 3)
        self.cells = nn.ModuleList(
            make_cell(channels << stage) for stage in range(3) for _ in range(cells))
        self.reduction1 = ResidualBlock(channels)
        self.reduction2 = ResidualBlock(2 * channels)
        self.last_norm = nn.BatchNorm2d(4 * channels)
        self.classifier = nn.Linear(4 * channels, classes)
        self.cells_per_stage = cells

    def forward(self, images, *cell_arguments):
        x = self.stem(images)
        for index, cell in enumerate(self.cells):
            if index == self.cells_per_stage:
                x = self.reduction1(x)
            if index == 2 * self.cells_per_stage:
                x = self.reduction2(x)
            x = cell(x, *cell_arguments)
        return self.classifier(F.relu(self.last_norm(x)).mean((2, 3)))


class Supernet(Backbone):
    """Cells of mixed edges, which alpha weighs."""

    def __init__(self, channels=16, cells=5, classes=10):
        super().__init__(channels, cells, classes, Cell)
        self.alpha = nn.Parameter(1e-3 * torch.randn(len(EDGES), len(CANDIDATES)))

    def architecture_parameters(self):
        return [self.alpha]

    def forward(self, images):
        return super().forward(images, F.softmax(self.alpha, dim=-1))
