"""What a deployment changes in a Space. Files of others are refused, not overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass

from space.errors import DeployError
from space.folder import MANIFEST_FILE, content_ids
from space.space_repo import SpaceState
from space.target import Target


@dataclass(frozen=True)
class Plan:
    """Changes to a Space.

    Attributes:
        added: new paths.
        changed: paths with new content.
        edited: those of `changed` that were edited on the Hub since the last deployment.
        deleted: paths of an earlier deployment that are no longer needed and were not edited since.
        variables: variables to set, with their values.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    edited: tuple[str, ...]
    deleted: tuple[str, ...]
    variables: Mapping[str, str]

    @property
    def has_commit(self) -> bool:
        """Whether files change."""
        return bool(self.added or self.changed or self.deleted)

    def lines(self) -> list[str]:
        """Return the plan as text."""
        counts = f"{len(self.added)} files added, {len(self.changed)} changed, {len(self.deleted)} deleted"
        return [
            f"one commit: {counts}" if self.has_commit else "no commit: all files are up to date",
            *(f"  replaced, although edited on the Hub: {path}" for path in self.edited),
            *(f"  deleted, as no longer needed: {path}" for path in self.deleted),
            *(f"variable {name}={value}" for name, value in self.variables.items()),
        ]


def make_plan(
    files: Mapping[str, bytes], variables: Mapping[str, str], *, target: Target, state: SpaceState | None
) -> Plan:
    """Return the changes that bring a Space from `state`, None for no Space, to these files and variables.

    Raises:
        DeployError: the Space is public but should be private, or a file of others would be overwritten.
    """
    if state is None:
        return Plan(tuple(files), (), (), (), variables)
    if target.private and not state.private:
        raise DeployError(f"{target.repo} is public; make it private in its settings, or omit --private")
    there, written = state.files, state.written
    changed = [path for path, data in files.items() if there.get(path, "") not in {"", *content_ids(data)}]
    initial = {path for path, content_id in state.initial.items() if there.get(path) == content_id}
    foreign = [path for path in changed if path not in {MANIFEST_FILE, *written, *initial}]
    if foreign:
        raise DeployError(
            f"{target.repo} has a file {foreign[0]} that this command did not write and would overwrite; "
            "delete it, or choose another --repo"
        )
    obsolete = (path for path, ids in written.items() if path not in files and there.get(path, "") in ids)
    return Plan(
        added=tuple(path for path in files if path not in there),
        changed=tuple(changed),
        edited=tuple(path for path in changed if path in written and there[path] not in written[path]),
        deleted=tuple(obsolete),
        variables={name: value for name, value in variables.items() if state.variables.get(name) != value},
    )
