# ruff: noqa: F401 (the names imported here are what the package offers)
"""All modules, one family a file."""

# fmt: off
# ruff: noqa: I001 (several names a line)
from .container import ModuleDict, ModuleList, Sequential
from .functions import (
    ELU, GELU, LeakyReLU, LogSigmoid, LogSoftmax, Hardtanh, ReLU, ReLU6, Sigmoid, SiLU, Softmax, Softplus, Tanh,
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveMaxPool1d, AdaptiveMaxPool2d,
    AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d,
    BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, HuberLoss, KLDivLoss, L1Loss, MSELoss, NLLLoss, SmoothL1Loss,
)
from .layers import Bilinear, Conv1d, Conv2d, Dropout, Embedding, Flatten, Identity, Linear
from .module import Module
from .normalization import BatchNorm1d, BatchNorm2d, GroupNorm, LayerNorm, RMSNorm
from .recurrent import GRU, LSTM, RNN
from .transformer import MultiheadAttention, TransformerEncoderLayer
