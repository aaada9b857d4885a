"""What a Space has beside its files: hardware, variables, secrets, and how far the Hub is with running it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Setting:
    """A Space's variable, or a secret, which the Hub never shows again."""

    value: str
    description: str | None = None


@dataclass
class Space:
    """The runtime of a Space.

    Attributes:
        ends_as: The stage in which the next commit ends.
        error: What the Hub says of a stage that is a failure.
        stages: The one that it is in, and those that it will pass through, one with each question; each with
            the commit that it is a stage of.
    """

    sdk: str
    hardware: str = "cpu-basic"
    ends_as: str = "RUNNING"
    error: str = ""
    stages: list[tuple[str, str]] = field(default_factory=list)
    variables: dict[str, Setting] = field(default_factory=dict)
    secrets: dict[str, Setting] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stages = [("RUNNING" if self.sdk == "static" else "NO_APP_FILE", "")]

    def build(self, commit: str) -> None:
        if self.sdk == "static":  # there is nothing to build
            self.stages = [("RUNNING", commit)]
        else:  # the first answer is still of what was there before
            coming = ("BUILDING", "APP_STARTING", self.ends_as)
            self.stages = [self.stages[-1], *((stage, commit) for stage in coming)]

    def pass_stage(self) -> None:
        if len(self.stages) > 1:
            del self.stages[0]
