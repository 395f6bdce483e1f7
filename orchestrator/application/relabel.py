"""Labels anew what was labelled from another vocabulary: from the kept vectors, without a picture."""

from collections.abc import Sequence

from orchestrator.application.embed import embedder_of
from orchestrator.application.ports import LabelChange, Ports, Prediction, Work
from orchestrator.application.predict_labels import predict_labels, vocabulary_of
from orchestrator.domain.collection import Collection
from orchestrator.domain.image import Image


class Labeller:
    """Labels images and their regions; see `predict_anew.Predictor`."""

    prediction = Prediction.LABELS
    images = 16

    def stamp(self, ports: Ports, collection: Collection) -> str:
        """That of the collection's vocabulary; of none, empty: then labels go."""
        return vocabulary_of(embedder_of(ports, collection), collection).stamp

    async def predict(
        self, ports: Ports, collection: Collection, works: Sequence[Work[Image]]
    ) -> Sequence[LabelChange]:
        """Labels of all the images together. Raises Unavailable."""
        embedder = embedder_of(ports, collection)
        words = vocabulary_of(embedder, collection)
        stored = [each for work in works for each in work.vectors]
        predicted = await predict_labels(ports.vocabularies, embedder, words, stored)
        return [
            LabelChange(
                image=work.record.name,
                revision=work.revision,
                vocabulary=predicted.vocabulary,
                labels={each.name: predicted.labels.get(each.name, ()) for each in work.vectors},
            )
            for work in works
        ]
