"""Publishes a release to a model repo on the Hub: all checks first, then one commit, then a tag."""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, ModelCard, get_session

from model_training.release.publishing.errors import PublishError, hub_errors_explained
from model_training.release.publishing.package import Package, pack_release
from model_training.release.publishing.plan import Plan, Target, make_plan
from model_training.release.publishing.repo import RepoState, check_token, read_repo
from model_training.release.release_folder import CARD_FILE, NETWORK_FILE, READER_FILE

# For the Hub to answer, and to go on with an answer; its client would wait for ever.
_PATIENCE = httpx2.Timeout(60.0, connect=10.0)
_SEEN_SHAPE = (28, 28)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Published:
    """Where a release is: the page and the full sha1 of its commit."""

    url: str
    commit: str


def publish(
    release: Path, target: Target, *, evaluation: Path | None = None, dry_run: bool = False, say: Say
) -> Published | None:
    """Publishes the release in the folder `release`; nothing is changed when a check fails.

    Args:
        release: a release folder.
        target: where to.
        evaluation: an evaluation.json of the release whose drawn cases are to be told, too.
        dry_run: only say what would be done.
        say: told of each step, a line each.

    Returns:
        Where the release is now; None after a dry run.

    Raises:
        PublishError: something is not as it must be; the message says what.
        FileNotFoundError: there is no release.
    """
    package = pack_release(release, target.repo_id, evaluation=evaluation)
    say(f"whole: {len(package.files)} files, {sum(map(len, package.files.values())) / 1e6:.1f} MB")
    api = HfApi()
    get_session().timeout = _PATIENCE
    with hub_errors_explained(target.repo_id):
        say(f"token of {check_token(api, target.repo_id, pull_request=target.pull_request)}")
        state = read_repo(api, target.repo_id)
        plan = make_plan(package, target, state=state)
        _check_card(package.files[CARD_FILE].decode())
        say("the card is valid")
        # Last, because it brings TensorFlow: all that is quickly said has been said by now.
        difference = _check_reader(release, package.description)
        say(f"reader and network agree to {difference:.1g}")
        for line in plan.lines(target, state=state):
            say(line)
        return None if dry_run else _carry_out(api, package, target=target, plan=plan, state=state)


def _check_card(card: str) -> None:
    try:
        ModelCard(card).validate()
    except ValueError as error:
        raise PublishError(f"the Hub refuses the model card: {' '.join(str(error).split())}") from error


def _check_reader(release: Path, description: dict[str, Any]) -> float:
    """The largest difference between reader and network for the pictures of the release's self-test."""
    import keras

    from model_training.release.reader_export import check_agreement, ink_of

    cases = description["self_test"]["cases"]
    pictures = np.array([np.frombuffer(b64decode(case["picture"]), np.uint8) for case in cases])
    ink = ink_of(pictures.reshape(-1, *_SEEN_SHAPE))
    try:
        network = keras.saving.load_model(release / NETWORK_FILE)
        return check_agreement(
            release / READER_FILE, network, ink=ink, temperature=description["temperature"]
        )
    except (ValueError, RuntimeError, OSError) as error:
        raise PublishError(f"reader and network do not fit together: {error}") from error


def _carry_out(
    api: HfApi, package: Package, *, target: Target, plan: Plan, state: RepoState | None
) -> Published:
    if state is None:
        api.create_repo(target.repo_id, private=target.private)
        parent = str(api.model_info(target.repo_id).sha)
    else:
        parent = state.commit
    if plan.is_empty:
        published = Published(f"{api.endpoint}/{target.repo_id}", parent)
    else:
        published = _commit(api, package, target=target, plan=plan, parent=parent)
    if target.tag is not None and (state is None or target.tag not in state.tags):
        api.create_tag(target.repo_id, tag=target.tag, revision=published.commit)
    return published


def _commit(api: HfApi, package: Package, *, target: Target, plan: Plan, parent: str) -> Published:
    # Not upload_folder: with hf_xet installed it may make several commits, and a crash between two of them
    # would leave half of each release. The parent makes the Hub refuse if somebody else pushed meanwhile.
    made = api.create_commit(
        target.repo_id,
        [
            *(CommitOperationAdd(path, package.files[path]) for path in (*plan.added, *plan.changed)),
            *(CommitOperationDelete(path) for path in plan.deleted),
        ],
        commit_message=plan.title,
        commit_description=plan.message,
        create_pr=target.pull_request,
        parent_commit=parent,
    )
    return Published(made.pr_url or f"{api.endpoint}/{target.repo_id}", made.oid)
