"""The model card: metadata, tables and text from release.json, and examples that run unchanged."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

from model_training.errors import PublishError
from model_training.release.model_card import render_card
from model_training.release.publishing.package import add_cases, pack_release
from model_training.release.release_folder import read_description
from tests.conftest import PROJECT
from tests.hub.server import Hub


@pytest.fixture
def description() -> dict[str, Any]:
    """The release.json of the bundled release."""
    return read_description(PROJECT / "app" / "model" / "bundled")


def test_metadata_holds_every_score(description: dict[str, Any]) -> None:
    """The YAML classifies the model, and has each score as a result, those of each digit one by one."""
    measured = set()
    for metric in description["metrics"]:
        name, value = metric["metric"].replace("_", " "), metric["value"]
        if isinstance(value, list) and len(value) == 10:
            measured |= {(metric["dataset"], f"{name} of {n}", round(v, 6)) for n, v in enumerate(value)}
        elif not isinstance(value, list):
            measured.add((metric["dataset"], name, round(value, 6)))
    data = ModelCard(render_card(description)).data
    assert (data["license"], data["library_name"], data["datasets"]) == ("mit", "keras", ["ylecun/mnist"])
    assert data["pipeline_tag"] == "image-classification"
    results = data["eval_results"]
    assert {(result.dataset_name, result.metric_name, result.metric_value) for result in results} == measured
    assert len(results) == len(measured) > 60


def _table(card: str) -> dict[str, list[str]]:
    """Return the other cells of each row of the card's tables, by the first cell."""
    rows = [line.strip("| ").split("|") for line in card.splitlines() if line.startswith("|")]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows}


def test_tables_show_the_scores(description: dict[str, Any]) -> None:
    """Each data set has a row with its size and scores, and each digit its recall and precision."""
    card = render_card(description)
    table = _table(card)
    for metric in description["metrics"]:
        if metric["metric"] == "lines_right":
            assert f"{100 * metric['value']:.1f} % of {metric['size']} validation lines" in card
        if metric["dataset"] == "validation lines":
            continue
        row, value = table[metric["dataset"]], metric["value"]
        if metric["metric"] == "accuracy":
            assert row[0] == f"{metric['size']:,}"
            assert row[1].startswith(f"{100 * value:.2f} % (")
        if metric["metric"] == "refused":
            assert row[4] == f"{100 * value:.1f} %"
        if metric["dataset"] == "MNIST test" and metric["metric"] in ("recall", "precision"):
            assert table[metric["metric"]] == [f"{100 * share:.1f} %" for share in value]


@pytest.mark.parametrize("repo_id", [None, "ann/digits"])
def test_card_shows_all_figures_and_no_placeholder(description: dict[str, Any], repo_id: str | None) -> None:
    """Every figure of the release is shown, and the text has no template code and no missing value."""
    card = render_card(description, repo_id=repo_id)
    shown = set(re.findall(r"!\[.+?\]\((.+?)\)", card))
    assert shown == {path for path in description["files"] if path.startswith("figures/")}
    assert "\n\n\n" not in card
    text = "".join(card.split("```")[::2])
    assert not re.search(r"[{}<>]|TODO|More Information|user/name|None|nan\b", text)


def test_text_depends_on_the_training_data(description: dict[str, Any]) -> None:
    """Mixture and distillation are those of the training configuration."""
    card = render_card(description)
    assert f"- {description['training']['drawn_share']:.0%} digits drawn".replace("%", " %") in card
    assert "a teacher network" in card
    changes: dict[str, Any] = dict.fromkeys(
        ("drawn_share", "non_digit_share", "redrawn_share", "pen_share", "cluttered_share"), 0.0
    )
    training = description["training"] | changes | {"teachers": 0}
    card = render_card(description | {"training": training})
    assert "- 100 % MNIST\n" in card
    assert "teacher" not in card


def _evaluation(description: dict[str, Any], groups: dict[str, Any]) -> dict[str, Any]:
    through_reader = next(m for m in description["metrics"] if m["metric"] == "accuracy_through_reader")
    return {
        "mnist_test": {"size": through_reader["size"], "accuracy": through_reader["value"]},
        "cases": {"groups": groups},
    }


def test_drawn_cases_are_added_to_the_metrics(description: dict[str, Any], tmp_path: Path) -> None:
    """Each group of cases becomes metrics of release.json and a row of the table."""
    pen = {"size": 50, "accuracy": 0.92, "accuracy_interval_95": [0.81, 0.97], "calibration_error": 0.03}
    groups = {"pen": pen, "letters": {"size": 30, "refused": 0.7}}
    evaluation = tmp_path / "evaluation.json"
    evaluation.write_text(json.dumps(_evaluation(description, groups)))
    card = render_card(add_cases(description, evaluation))
    table = _table(card)
    assert table["drawn cases: pen"][:3] == ["50", "92.00 % (81.00 to 97.00)", "3.00 %"]
    assert table["drawn cases: letters"][:5] == ["30", "", "", "", "70.0 %"]
    results = ModelCard(card).data["eval_results"]
    assert any(r.dataset_name == "drawn cases: pen" and r.metric_value == 0.92 for r in results)


def test_invalid_evaluation_is_refused(description: dict[str, Any], tmp_path: Path) -> None:
    """An evaluation of another release, another JSON file, and a missing file raise PublishError."""
    evaluation = tmp_path / "evaluation.json"
    with pytest.raises(PublishError, match="can't be read"):
        add_cases(description, evaluation)
    evaluation.write_text("{}")
    with pytest.raises(PublishError, match=r"no evaluation\.json"):
        add_cases(description, evaluation)
    report = _evaluation(description, {})
    report["mnist_test"]["accuracy"] -= 0.01
    evaluation.write_text(json.dumps(report))
    with pytest.raises(PublishError, match="of another release"):
        add_cases(description, evaluation)


def _run_example(card: str, library: str, *, folder: Path, environment: dict[str, str] | None = None) -> str:
    """Return the output of the card's Python example that imports `library`, run in `folder`."""
    examples = re.findall(r"^```python\n(.*?)^```$", card, re.DOTALL | re.MULTILINE)
    (example,) = (example for example in examples if library in example)
    command = [sys.executable, "-c", example]
    return subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, timeout=120, check=True
    ).stdout


@pytest.mark.slow
def test_example_of_a_folder_runs_in_it(small_release: Path) -> None:
    """The LiteRT example of a release folder's card prints a digit."""
    card = (small_release / "README.md").read_text(encoding="utf-8")
    output = _run_example(card, "ai_edge_litert", folder=small_release)
    assert re.match(r"digit: \d with probability 0\.\d+\naccepted as a digit: (True|False)\n$", output)


@pytest.mark.slow
def test_examples_of_a_repo_download_and_run(
    hub: Hub, hub_environment: dict[str, str], small_release: Path, tmp_path: Path
) -> None:
    """The examples of a repo's card download the files, and name the repo for the app."""
    files = pack_release(small_release, "ann/digits", evaluation=None).files
    hub.commit("ann/digits", files)
    card = files["README.md"].decode()
    assert "DIGITS_MODEL_REPO=ann/digits python -m app" in card
    for library in ("keras", "ai_edge_litert"):
        output = _run_example(card, library, folder=tmp_path, environment=hub_environment)
        assert re.search(r"^digit: \d", output, re.MULTILINE)
    loaded = {request.path.rpartition("/")[2] for request in hub.requests if request.method == "GET"}
    assert {"model.keras", "reader.tflite"} <= loaded
