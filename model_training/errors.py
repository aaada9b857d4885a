"""Expected errors: the command line reports each as one line, without a traceback."""


class ModelTrainingError(Exception):
    """Base of the errors that a user can correct. The message names the bad value and the accepted form."""


class DatasetError(ModelTrainingError):
    """MNIST, the drawn cases or labelled pictures can't be loaded, or the file holds other data."""


class RecipeError(ModelTrainingError):
    """A recipe or search space has an unknown name or an invalid value."""


class RunMismatchError(ModelTrainingError):
    """The folder holds a run, study or search of another recipe or of other data."""


class ClusterError(ModelTrainingError):
    """Ray is not installed, not reachable, or failed."""


class ReaderDisagreesError(ModelTrainingError):
    """The exported reader and the network give different probabilities; the reader must not be released."""


class ReleaseError(ModelTrainingError):
    """A release is damaged."""


class PublishError(ModelTrainingError):
    """A release can't be published."""


class GateRefusedError(ModelTrainingError):
    """A fine-tuned release is not better on held-out corrections, or worse elsewhere; nothing is written."""
