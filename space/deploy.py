"""Deploys a Space: the model pinned, the folder written, all checked, then one commit."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, SpaceHardware, get_session

from space.errors import hub_errors_explained
from space.folder import replace_output, write_folder
from space.manifest import read_files
from space.model import READER_FILE, PinnedModel, pin_model
from space.plan import Plan, make_plan
from space.repo import check_token, read_space
from space.target import RULES, Target
from space.waiting import wait_until_running, what_runs

# For the Hub to answer, and to go on with an answer; its client would wait for ever.
_PATIENCE = httpx2.Timeout(60.0, connect=10.0)

Say = Callable[[str], None]


def write_space(target: Target, *, model_name: str, output: Path, say: Say) -> None:
    """Write the Space's folder to `output`, and leave the Hub as it is.

    Raises:
        DeployError: something is not as it must be; the message says what.
    """
    with _prepared(target, model_name, say=say) as (folder, _):
        replace_output(output, folder)


def deploy(target: Target, *, model_name: str, say: Say) -> str:
    """Create or update the Space, and wait until it runs where it is run at all.

    Returns:
        The address of its page.

    Raises:
        DeployError: something is not as it must be; the message says what. Until the one commit is made,
            nothing is changed in a Space that is there.
    """
    with (
        _prepared(target, model_name, say=say) as (folder, model),
        hub_errors_explained(f"the Space {target.repo}"),
    ):
        api = HfApi()
        say(f"token of {check_token(api, target.repo)}")
        state = read_space(api, target.repo)
        variables = {"DIGITS_MODEL_REPO": model.repo, "DIGITS_MODEL_REVISION": model.revision}
        files = read_files(folder)
        plan = make_plan(files, variables, target=target, state=state)
        for line in plan.lines(target, state=state):
            say(line)
        parent = state.commit if state else _create(api, target, variables=variables)
        before = what_runs(api, target.repo) if target.sdk != "static" else None
        if plan.has_commit:
            title = f"Read digits with {model.repo} at {model.revision[:12]}"
            _commit(api, target.repo, plan=plan, files=files, title=title, parent=parent)
        if state:
            _set_variables(api, target.repo, plan=plan)
        if before and (plan.has_commit or plan.variables):
            say("the Hub builds it; this takes some minutes")
            wait_until_running(api, target.repo, before=before, say=say)
    return target.page(api.endpoint)


@contextmanager
def _prepared(target: Target, model_name: str, *, say: Say) -> Iterator[tuple[Path, PinnedModel]]:
    """The Space's folder, which is gone afterwards, and the model in it."""
    say(RULES[target.sdk])
    get_session().timeout = _PATIENCE
    model = pin_model(model_name)
    size = (model.folder / READER_FILE).stat().st_size
    say(f"model {model.repo} at commit {model.revision}: {READER_FILE} is whole, {size / 1e6:.2f} MB")
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "space"  # which others may read, unlike the temporary one
        folder.mkdir()
        write_folder(folder, target, model=model)
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
        say(f"{target.sdk} Space of {len(sizes)} files, {sum(sizes) / 1e6:.1f} MB")
        yield folder, model


def _create(api: HfApi, target: Target, *, variables: dict[str, str]) -> str:
    """Create the Space, and return its first commit."""
    api.create_repo(
        target.repo,
        repo_type="space",
        private=target.private,
        space_sdk=target.sdk,
        space_hardware=SpaceHardware.ZERO_A10G if target.zero_gpu else None,
        space_variables=[{"key": key, "value": value} for key, value in variables.items()],
    )
    return str(api.space_info(target.repo).sha)


def _commit(
    api: HfApi, repo: str, *, plan: Plan, files: Mapping[str, bytes], title: str, parent: str
) -> None:
    # Not upload_folder: with hf_xet installed it may make several commits, and a crash between two of them
    # would leave half of each state. The parent makes the Hub refuse if somebody else pushed meanwhile.
    api.create_commit(
        repo,
        [
            *(CommitOperationAdd(path, files[path]) for path in (*plan.added, *plan.changed)),
            *(CommitOperationDelete(path) for path in plan.deleted),
        ],
        repo_type="space",
        commit_message=title,
        parent_commit=parent,
    )


def _set_variables(api: HfApi, repo: str, *, plan: Plan) -> None:
    """Set them after the commit, so that the Space stays as it was if that fails."""
    with hub_errors_explained(f"the variables of the Space {repo}"):
        for key, value in plan.variables.items():
            api.add_space_variable(repo, key, value)
