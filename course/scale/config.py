"""Reading a Hugging Face ``config.json``, by path or as pasted text, into a shape."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from course.scale.fields import ConfigError, Fields
from course.scale.shapes import Shape, ShapeError

# What a config says about other things than the number of parameters.
_ASIDE = """
    _name_or_path _sliding_window_pattern activation activation_dropout activation_function
    apply_residual_connection_post_layernorm architectures attention_chunk_size
    attention_dropout attention_multiplier attention_probs_dropout_prob attn_implementation
    attn_logit_softcapping attn_pdrop auto_map aux_loss_alpha bias_dropout_fusion
    boi_token_index bos_token_id cache_implementation classifier_dropout do_sample dropout dtype
    embd_pdrop embedding_dropout embedding_multiplier eoi_token_index eos_token_id ep_size
    final_logit_softcapping gradient_checkpointing hidden_act hidden_activation hidden_dropout
    hidden_dropout_prob hidden_size_per_head id2label image_token_index init_std
    initializer_range label2id layer_norm_eps layer_norm_epsilon layerdrop logit_scale
    logits_scaling masked_softmax_fusion max_seq_len mlp_dropout mm_tokens_per_image model_type
    n_ctx n_group no_rope_layer_interval no_rope_layers norm_epsilon norm_topk_prob
    num_ln_in_parallel_attn num_nextn_predict_layers offset_alibi
    original_max_position_embeddings output_router_logits pad_token_id partial_rotary_factor
    prefix pretraining_tp quantization_config query_pre_attn_scalar reorder_and_upcast_attn
    resid_dropout resid_pdrop residual_dropout residual_multiplier return_dict rms_norm_eps
    rope_interleave rope_local_base_freq rope_parameters rope_scaling rope_theta rotary_emb_base
    rotary_pct routed_scaling_factor router_aux_loss_coef router_jitter_noise
    scale_attn_by_inverse_layer_idx scale_attn_weights scoring_func sep_token_id seq_aux
    seq_length skip_bias_add skip_bias_add_qkv slow_but_exact summary_activation
    summary_first_dropout summary_proj_to_labels summary_type summary_use_proj
    task_specific_params topk_group topk_method torch_dtype transformers_version unk_token_id
    use_cache use_cache_quantization use_mrope use_parallel_residual vision_config
"""
_NOT_COUNTED = frozenset(_ASIDE.split())


@dataclass(frozen=True)
class Reading:
    """A shape read from a config; ``unread`` are fields that were not understood."""

    shape: Shape
    family: str
    unread: tuple[str, ...]

    @property
    def warning(self) -> str:
        """What may be missing from the shape, in words; empty where nothing is."""
        if not self.unread:
            return ""
        return (
            f"Not understood, and so not counted: {', '.join(self.unread)}. If one of them adds weights, "
            "the count is too small."
        )


def architecture(path_or_text: str | Path) -> Shape:
    """The shape in a ``config.json``: a path to it, to its folder, or its text.

    Raises ConfigError, in a sentence, for what is no such file, a kind of model that is not known
    (the nearest are named), a field that is missing or wrong, and numbers that contradict one
    another. Warns of fields that were not understood.
    """
    reading = read_config(path_or_text)
    if reading.warning:
        warnings.warn(reading.warning, stacklevel=2)
    return reading.shape


def read_config(path_or_text: str | Path) -> Reading:
    """As :func:`architecture`, with the kind of model and the fields that were not understood."""
    given = _parsed(path_or_text)
    inner = given.get("text_config")
    if isinstance(inner, dict):  # a model of images and text: its language model
        kept = {k: v for k, v in given.items() if k in ("tie_word_embeddings", "vocab_size")}
        given = {**kept, **inner}
    kind = given.get("model_type")
    reader = _reader(kind)
    fields = Fields(given)
    try:
        shape = reader(fields)
    except ShapeError as error:
        raise ConfigError(f"This config contradicts itself. {error}") from None
    unread = [k for k in given if k not in fields.used and k not in _NOT_COUNTED]
    unread = [k for k in unread if given[k] not in (None, False, [], {})]
    return Reading(shape, str(kind), tuple(unread))


def _reader(kind: Any) -> Callable[[Fields], Shape]:
    from course.scale.families import READERS

    if isinstance(kind, str) and kind in READERS:
        return READERS[kind]
    if not isinstance(kind, str):
        raise ConfigError(
            'The config has no "model_type", which says what its fields mean; add it, for example '
            '"model_type": "llama". Known are ' + ", ".join(READERS) + "."
        )
    near = get_close_matches(kind.lower(), READERS, 3, 0.5)
    hint = f" The nearest: {', '.join(near)}." if near else ""
    raise ConfigError(
        f"The model_type {kind!r} is not known here.{hint} Known are {', '.join(READERS)}. For another "
        "architecture write a course.scale.shapes.Shape."
    )


def _parsed(path_or_text: str | Path) -> dict[str, Any]:
    text = path_or_text if isinstance(path_or_text, str) else str(path_or_text)
    if not text.strip():
        raise ConfigError("Nothing was given: paste the text of a config.json, or name its path.")
    if not text.lstrip().startswith(("{", "[")):
        text = _from_file(text.strip())
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"This is no JSON: line {error.lineno}, column {error.colno}: {error.msg}. Copy the whole file, "
            "from the first { to the last }."
        ) from None
    except RecursionError:
        raise ConfigError("This JSON is nested too deeply to be a config.json.") from None
    if not isinstance(given, dict):
        raise ConfigError(
            f"A config.json holds fields in braces, not a {type(given).__name__} as here."
        )
    return given


def _from_file(name: str) -> str:
    if "\n" in name or "\0" in name or len(name) > 1000:
        raise ConfigError(
            "This is neither a path nor the text of a config.json, which starts with {."
        )
    path = Path(name).expanduser()
    path = path / "config.json" if path.is_dir() else path
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        raise ConfigError(
            f"There is no file {name!r} that can be read. Give the path of a config.json, or its text, which "
            "starts with {."
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(
            f"{name!r} is no text file; the config.json lies beside the weights."
        ) from None
