"""What the foot of the page says of the model: its name and commit, and what was measured of it."""

from dataclasses import dataclass
from html import escape

from app.model.release import Metric, Origin, Release

# What the page tells of a release's metrics, with what each number is a share of.
_TOLD = {"accuracy": "read right", "refused": "rightly refused as no digits"}


@dataclass(frozen=True)
class ServedModel:
    """The release that is served, and where it comes from."""

    release: Release
    origin: Origin


def present_model(served: ServedModel) -> dict[str, str]:
    """The markup of what assets/footer.html has places for: `name`, `accuracy` and `measured`."""
    told = [metric for metric in served.release.metrics if metric.metric in _TOLD]
    return {
        "name": _name(served),
        "accuracy": escape(served.release.describe_accuracy()),
        "measured": "".join(f"<li>{_tell(metric)}</li>" for metric in told),
    }


def _name(served: ServedModel) -> str:
    origin = served.origin
    if not origin.repo:
        return f"Bundled release {escape(served.release.name)}"
    name = escape(f"{origin.repo} at {origin.commit}")
    return f'<a href="{escape(origin.url)}">{name}</a>' if origin.url else name


def _tell(metric: Metric) -> str:
    share = metric.value if isinstance(metric.value, float) else metric.value[0]
    return escape(f"{metric.dataset}: {100 * share:.4g} % of {metric.size:,} {_TOLD[metric.metric]}")
