"""What a user can mend becomes one sentence and an exit code."""

import sys
from collections.abc import Callable


def report_errors(run: Callable[[], None]) -> int:
    """Runs a command; gives the exit code."""
    from model_training.data.mnist import NotMnistError
    from model_training.errors import ModelTrainingError
    from model_training.search.cluster import ClusterError
    from model_training.training.checkpoint import CheckpointMismatchError
    from model_training.training.recipe import RecipeError
    from model_training.training.study import StudyMismatchError
    from model_training.training.teaching import TeacherError

    try:
        run()
    except (
        NotMnistError,
        CheckpointMismatchError,
        StudyMismatchError,
        ModelTrainingError,
        RecipeError,
        TeacherError,
        ClusterError,
        OSError,
    ) as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail("stopped; the same command goes on from the last finished epoch")
    return 0


def fail(message: str) -> int:
    """Tells of an error; gives the exit code."""
    print(f"error: {message}", file=sys.stderr)
    return 1
