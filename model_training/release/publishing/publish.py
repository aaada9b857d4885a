"""Publication of a release to a model repo on the Hub: all checks first, then one commit, then a tag."""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, ModelCard, get_session
from numpy.typing import NDArray

from model_training.errors import ModelTrainingError, PublishError
from model_training.release.publishing.hub import RepoState, check_token, read_repo, translate_hub_errors
from model_training.release.publishing.package import Package, pack_release
from model_training.release.publishing.plan import Plan, Target, make_plan
from model_training.release.release_folder import (
    CARD_FILE,
    LINE_NETWORK_FILE,
    LINE_READER_FILE,
    NETWORK_FILE,
    READER_FILE,
    RELEASE_FILE,
)

_TIMEOUT = httpx2.Timeout(60.0, connect=10.0)  # seconds; the Hub's client has none

Report = Callable[[str], None]


@dataclass(frozen=True)
class Published:
    """The URL of a published release's page, and the full sha1 of its commit."""

    url: str
    commit: str


def publish(
    release: Path, target: Target, *, evaluation: Path | None = None, dry_run: bool = False, report: Report
) -> Published | None:
    """Publish the release in the folder `release`; change nothing if a check fails.

    The scores of drawn cases in `evaluation`, an evaluation.json, are added to the metrics. `report` gets a
    line of text for each step.

    Returns:
        The location of the release; None after a dry run, which only reports the plan.

    Raises:
        PublishError: a check or the upload fails; the message gives the reason.
        ReleaseError: release.json is damaged.
        FileNotFoundError: `release` holds no release.
    """
    package = pack_release(release, target.repo_id, evaluation=evaluation)
    size = sum(map(len, package.files.values()))
    report(f"release complete: {len(package.files)} files, {size / 1e6:.1f} MB")
    api = HfApi()
    get_session().timeout = _TIMEOUT
    with translate_hub_errors(target.repo_id):
        report(f"token of {check_token(api, target.repo_id, pull_request=target.pull_request)}")
        state = read_repo(api, target.repo_id)
        plan = make_plan(package, target, state=state)
        try:
            ModelCard(package.files[CARD_FILE].decode()).validate()
        except ValueError as error:
            reason = " ".join(str(error).split())
            raise PublishError(f"the Hub rejects the model card: {reason}") from error
        # Last, because it is the slowest: it imports TensorFlow.
        for reader, difference in _check_readers(release, package.description).items():
            report(f"{reader} and network agree to {difference:.1g}")
        for line in plan.lines(target, state=state):
            report(line)
        return None if dry_run else _carry_out(api, package, target=target, plan=plan, state=state)


def _check_readers(release: Path, description: dict[str, Any]) -> dict[str, float]:
    """Return the largest difference between each reader and its network on the release's self-test.

    A line reader that was copied from another release has no network.
    """
    import keras

    from model_training.release.line_reader_export import check_line_agreement
    from model_training.release.reader_export import check_agreement, ink_of

    differences = {}
    try:
        network = keras.saving.load_model(release / NETWORK_FILE)
        ink = ink_of(_self_test_pictures(description).reshape(-1, 28, 28))
        differences["reader"] = check_agreement(
            release / READER_FILE, network, ink=ink, temperature=description["temperature"]
        )
        if (release / LINE_NETWORK_FILE).exists():
            line = description["line_reader"]
            differences["line reader"] = check_line_agreement(
                release / LINE_READER_FILE,
                keras.saving.load_model(release / LINE_NETWORK_FILE),
                lines=_self_test_pictures(line).reshape(-1, *line["input"]["shape"][1:]),
                temperature=line["temperature"],
            )
    except (KeyError, TypeError) as error:
        raise PublishError(f"the self-test of {release / RELEASE_FILE} is invalid: {error!r}") from error
    except (ModelTrainingError, ValueError, RuntimeError, OSError) as error:
        raise PublishError(f"reader and network do not match: {error}") from error
    return differences


def _self_test_pictures(description: dict[str, Any]) -> NDArray[np.uint8]:
    pictures = [b64decode(case["picture"]) for case in description["self_test"]["cases"]]
    return np.frombuffer(b"".join(pictures), np.uint8)


def _carry_out(
    api: HfApi, package: Package, *, target: Target, plan: Plan, state: RepoState | None
) -> Published:
    if state is None:
        api.create_repo(target.repo_id, private=target.private)
    url = f"{api.endpoint}/{target.repo_id}"
    commit = state.commit if state else str(api.model_info(target.repo_id).sha)
    if not plan.is_empty:
        # Not upload_folder: with hf_xet it can make several commits, and a crash between two of them would
        # leave a mixture of releases. The Hub rejects the commit if its parent is no longer the last commit.
        made = api.create_commit(
            target.repo_id,
            [
                *(CommitOperationAdd(path, package.files[path]) for path in (*plan.added, *plan.changed)),
                *(CommitOperationDelete(path) for path in plan.deleted),
            ],
            commit_message=plan.title,
            commit_description=plan.message,
            create_pr=target.pull_request,
            parent_commit=commit,
        )
        url, commit = made.pr_url or url, made.oid
    if plan.new_tag is not None:
        api.create_tag(target.repo_id, tag=plan.new_tag, revision=commit)
    return Published(url, commit)
