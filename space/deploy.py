"""Deploys a Space: pins the model, writes the files, checks the Space, then makes one commit."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, SpaceHardware, get_session

from space.errors import explain_hub_errors
from space.folder import read_files, replace_output, write_folder
from space.model import READER_FILES, SpaceModel, find_model
from space.plan import Plan, make_plan
from space.space_repo import read_runtime, read_space, wait_until_running
from space.target import TERMS, Target

_TIMEOUT = httpx2.Timeout(60.0, connect=10.0)  # seconds; the client has none by default

Report = Callable[[str], None]


def write_space(target: Target, *, model_name: str, output: Path, report: Report) -> None:
    """Write the Space's files to `output`, without changes on the Hub.

    Raises:
        DeployError: see its message.
    """
    with _prepare(target, model_name, report=report) as (folder, _):
        replace_output(output, folder)


def deploy(target: Target, *, model_name: str, report: Report) -> str:
    """Create or update the Space, and wait until it runs, unless it is static.

    Returns:
        The address of its page.

    Raises:
        DeployError: see its message. Nothing in an existing Space changes before its one commit.
    """
    with (
        _prepare(target, model_name, report=report) as (folder, model),
        explain_hub_errors(f"the Space {target.repo}"),
    ):
        api = HfApi()
        report(f"token of {api.whoami()['name']}")
        state = read_space(api, target.repo)
        files = read_files(folder)
        plan = make_plan(files, model.commit, target=target, state=state)
        for line in plan.lines():
            report(line)
        parent = state.commit if state else _create(api, target, variables=plan.variables)
        before = read_runtime(api, target.repo) if target.sdk != "static" else None
        commit = _upload(api, target.repo, files=files, plan=plan, parent=parent, model=model)
        report(f"commit {commit}" if commit != parent else "no commit: all files are up to date")
        if state:  # after the commit, so that they are unchanged if it fails
            for name, value in plan.variables.items():
                api.add_space_variable(target.repo, name, value)
            for name in plan.unset:
                api.delete_space_variable(target.repo, name)
        if before and (commit != parent or plan.variables or plan.unset):
            report("the Hub builds the Space, which takes some minutes")
            report(wait_until_running(api, target.repo, before=before))
        return f"{api.endpoint}/spaces/{target.repo}"


@contextmanager
def _prepare(target: Target, model_name: str, *, report: Report) -> Iterator[tuple[Path, SpaceModel]]:
    """Yield a temporary folder with the Space's files, and its model."""
    report(TERMS[target.sdk])
    get_session().timeout = _TIMEOUT
    model = find_model(model_name)
    size = sum((model.folder / name).stat().st_size for name in READER_FILES)
    report(f"model {model.name}: readers verified, {size / 1e6:.2f} MB")
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "space"  # with default permissions, unlike the temporary folder
        folder.mkdir()
        write_folder(folder, target, model=model)
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
        report(f"{target.sdk} Space of {len(sizes)} files, {sum(sizes) / 1e6:.1f} MB")
        yield folder, model


def _create(api: HfApi, target: Target, *, variables: Mapping[str, str]) -> str:
    """Create the Space, and return its first commit."""
    api.create_repo(
        target.repo,
        repo_type="space",
        private=target.private,
        space_sdk=target.sdk,
        space_hardware=SpaceHardware.ZERO_A10G if target.zero_gpu else None,
        space_variables=[{"key": name, "value": value} for name, value in variables.items()],
    )
    return str(api.space_info(target.repo).sha)


def _upload(
    api: HfApi, repo: str, *, files: Mapping[str, bytes], plan: Plan, parent: str, model: SpaceModel
) -> str:
    """Commit all files that have changed, and return the commit; it is the parent if there are none."""
    # Not upload_folder: with hf_xet installed it may make several commits, and a crash between two of them
    # leaves a mixture of files. With parent_commit the Hub refuses if the Space has changed since.
    operations: list[CommitOperationAdd | CommitOperationDelete] = [
        *(CommitOperationAdd(path, content) for path, content in files.items()),
        *(CommitOperationDelete(path) for path in plan.deleted),
    ]
    title = f"Read digits with {model.name}"
    return api.create_commit(
        repo, operations, repo_type="space", commit_message=title, parent_commit=parent
    ).oid
