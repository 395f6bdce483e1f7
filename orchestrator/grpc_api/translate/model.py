"""Model packs, as messages."""

from collections.abc import Mapping

from orchestrator.application.ports import PackInfo
from sightline.v1 import model_pb2


def to_pack(pack: PackInfo, ready: Mapping[str, bool]) -> model_pb2.Pack:
    """The message of an installed pack; `ready` tells of each Triton model whether it is served."""
    models = [model_pb2.Pack.Model(name=name, ready=ready.get(name, False)) for name in pack.models]
    message = model_pb2.Pack(
        name=f"packs/{pack.name}",
        display_name=pack.title,
        description=pack.description,
        revision=pack.revision,
        licence=pack.licence,
        source=pack.source,
        models=models,
        ready=all(model.ready for model in models),
    )
    if pack.space is not None:
        message.embedder.dimension = pack.space.dimension
        message.embedder.image_size = pack.image_size or 0
        message.embedder.text = pack.has_text
        message.embedder.context_length = pack.context_length
        message.embedder.relevance_threshold = pack.relevance_threshold
        message.embedder.label_count = pack.label_count
    if pack.segmenter_image_size is not None:
        message.segmenter.image_size = pack.segmenter_image_size
    if pack.matcher_image_size is not None:
        message.matcher.image_size = pack.matcher_image_size
    if pack.captioner_image_size is not None:
        message.captioner.image_size = pack.captioner_image_size
        message.captioner.max_tokens = pack.captioner_max_tokens
    return message
