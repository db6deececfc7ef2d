# ruff: noqa: F401 (the names imported here are what the package offers)
"""The operations that layers are made of, as functions of their inputs and weights."""

from ...arithmetic import relu, sigmoid, tanh
from ...leftout import left_out as _left_out
from ...reductions import log_softmax, softmax
from .activation import (
    celu,
    dropout,
    dropout1d,
    dropout2d,
    elu,
    gelu,
    glu,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    logsigmoid,
    mish,
    prelu,
    relu6,
    selu,
    silu,
    softmin,
    softplus,
    softsign,
)
from .attention import scaled_dot_product_attention
from .convolution import conv1d, conv2d
from .linear import bilinear, embedding, linear, one_hot
from .loss import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_embedding_loss,
    cross_entropy,
    gaussian_nll_loss,
    hinge_embedding_loss,
    huber_loss,
    kl_div,
    l1_loss,
    margin_ranking_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
    triplet_margin_loss,
)
from .normalization import (
    batch_norm,
    cosine_similarity,
    group_norm,
    layer_norm,
    normalize,
    pairwise_distance,
    rms_norm,
)
from .padding import interpolate, pad
from .pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
)

__getattr__ = _left_out("course.scratch.nn.functional")
