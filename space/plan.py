"""What a deployment replaces, deletes and sets in a Space. Never overwrites files of others."""

from collections.abc import Mapping
from dataclasses import dataclass

from space.errors import DeployError
from space.folder import MANIFEST_FILE, hash_content
from space.model import ModelCommit
from space.space_repo import SpaceState
from space.target import Target

_REPO, _REVISION = "DIGITS_MODEL_REPO", "DIGITS_MODEL_REVISION"  # settings of the app


@dataclass(frozen=True)
class Plan:
    """Changes to a Space, except the files to upload."""

    edited: tuple[str, ...]  # files that were edited on the Hub since the last deployment, and are replaced
    deleted: tuple[str, ...]  # unneeded files of an earlier deployment that were not edited since
    variables: Mapping[str, str]  # values to set, by name
    unset: tuple[str, ...] = ()  # variables of an earlier deployment to delete

    def lines(self) -> list[str]:
        """Return the plan as text."""
        return [
            *(f"replaced, although edited on the Hub: {path}" for path in self.edited),
            *(f"deleted, as no longer needed: {path}" for path in self.deleted),
            *(f"variable {name}={value}" for name, value in self.variables.items()),
            *(f"variable {name} deleted" for name in self.unset),
        ]


def make_plan(
    files: Mapping[str, bytes], commit: ModelCommit | None, *, target: Target, state: SpaceState | None
) -> Plan:
    """Return the changes that bring a Space from `state`, None for no Space, to these files and this model.

    Raises:
        DeployError: the Space is public but should be private, or a file of others would be overwritten.
    """
    variables = {_REPO: commit.repo, _REVISION: commit.revision} if commit else {}
    if state is None:
        return Plan((), (), variables)
    if target.private and not state.private:
        raise DeployError(f"{target.repo} is public; make it private in its settings, or omit --private")
    there, written = state.files, state.written
    changed = {path for path, data in files.items() if there.get(path, "") not in {"", *hash_content(data)}}
    initial = {path for path, content_id in state.initial.items() if there.get(path) == content_id}
    if foreign := changed - {MANIFEST_FILE, *written, *initial}:
        raise DeployError(
            f"{target.repo} has a file {min(foreign)} that this command did not write and would overwrite; "
            "delete it, or choose another --repo"
        )
    return Plan(
        edited=tuple(path for path in sorted(changed & written.keys()) if there[path] not in written[path]),
        deleted=tuple(path for path in written.keys() - files.keys() if there.get(path, "") in written[path]),
        variables={name: value for name, value in variables.items() if state.variables.get(name) != value},
        unset=tuple(name for name in (_REPO, _REVISION) if name in state.variables and name not in variables),
    )
