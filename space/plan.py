"""What deploying would change in a Space, refused where it would touch what is not ours."""

from collections.abc import Mapping
from dataclasses import dataclass

from space.errors import DeployError
from space.manifest import MANIFEST_FILE, content_ids
from space.repo import SpaceState
from space.target import Target


@dataclass(frozen=True)
class Plan:
    """What deploying would do.

    Attributes:
        added: paths that are new in the Space.
        changed: paths with another content than in the Space.
        edited: those of `changed` that somebody changed on the Hub since they were written.
        deleted: paths that an earlier deployment wrote, this one does not, and nobody changed since.
        variables: those to set, with their values.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    edited: tuple[str, ...]
    deleted: tuple[str, ...]
    variables: Mapping[str, str]

    @property
    def has_commit(self) -> bool:
        """Whether the Space's files are to be changed."""
        return bool(self.added or self.changed or self.deleted)

    def lines(self, target: Target, *, state: SpaceState | None) -> list[str]:
        """Return the plan as a person reads it."""
        new = [f"new {'private' if target.private else 'public'} Space {target.repo}"]
        counts = f"{len(self.added)} files added, {len(self.changed)} changed, {len(self.deleted)} deleted"
        return [
            *(new if state is None else []),
            f"one commit: {counts}" if self.has_commit else "its files are the same already: no commit",
            *(f"  replaced, although edited on the Hub: {path}" for path in self.edited),
            *(f"  deleted, as no longer needed: {path}" for path in self.deleted),
            *(f"variable {key}={value}" for key, value in self.variables.items()),
        ]


def make_plan(
    files: Mapping[str, bytes], variables: Mapping[str, str], *, target: Target, state: SpaceState | None
) -> Plan:
    """Return what it takes to have these files and variables in a Space in this `state`, None for no Space.

    Raises:
        DeployError: the Space is public and should be private, or a file in it would have to be overwritten
            that was not written here.
    """
    if state is None:
        return Plan(tuple(files), (), (), (), variables)
    if target.private and not state.private:
        raise DeployError(
            f"the Space {target.repo} is public; make it private in its settings, or leave out --private"
        )
    there, written = state.files, state.written
    changed = [path for path, data in files.items() if there.get(path, "") not in {"", *content_ids(data)}]
    ours = {*written, *(path for path, given in state.given.items() if there.get(path) == given)}
    foreign = [path for path in changed if path not in ours and path != MANIFEST_FILE]
    if foreign:
        raise DeployError(
            f"the Space {target.repo} holds {foreign[0]}, which somebody else put there and which would be "
            "overwritten; delete it there, or choose another --repo"
        )
    return Plan(
        added=tuple(path for path in files if path not in there),
        changed=tuple(changed),
        edited=tuple(path for path in changed if path in written and there[path] not in written[path]),
        deleted=tuple(
            path for path, ids in written.items() if path not in files and there.get(path, "") in ids
        ),
        variables={key: value for key, value in variables.items() if state.variables.get(key) != value},
    )
