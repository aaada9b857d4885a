"""Expected errors: the command line reports each as one line, without a traceback."""


class ModelTrainingError(Exception):
    """Base of the errors that a user can correct. The message names the bad value and the accepted form."""


class NotCasesError(ModelTrainingError):
    """The file holds no drawn cases."""


class ReaderDisagreesError(ModelTrainingError):
    """The exported reader and the network give different probabilities; the reader must not be released."""


class ReleaseError(ModelTrainingError):
    """A release is damaged."""


class PublishError(ModelTrainingError):
    """A release can't be published."""
