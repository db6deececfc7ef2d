# ruff: noqa: F401 (the names imported here are what the package offers)
"""The operations that layers are made of, as functions of their inputs and weights."""

# fmt: off
# ruff: noqa: I001 (several names a line)
from ...arithmetic import sigmoid, tanh
from ...foreign import explain as _explain
from ...leftout import left_out as _left_out
from ...reductions import log_softmax, softmax
from .activation import dropout, elu, gelu, hardtanh, leaky_relu, logsigmoid, relu, relu6, silu, softplus
from .attention import scaled_dot_product_attention
from .convolution import conv1d, conv2d
from .linear import bilinear, embedding, linear, one_hot
from .loss import (
    binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, huber_loss, kl_div,
    l1_loss, mse_loss, nll_loss, smooth_l1_loss,
)
from .normalization import batch_norm, cosine_similarity, group_norm, layer_norm, normalize, rms_norm
from .pooling import (
    adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_max_pool1d, adaptive_max_pool2d,
    avg_pool1d, avg_pool2d, max_pool1d, max_pool2d,
)
# fmt: on

# Here, before the layers take hold of the functions.
_explain(__name__)

__getattr__ = _left_out("course.scratch.nn.functional")
