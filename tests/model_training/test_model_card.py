"""The model card says what was measured, and its examples run as they stand."""

import copy
import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from huggingface_hub import ModelCard

from model_training.release.card.model_card import render_card
from model_training.release.publishing.drawn_cases import add_cases
from model_training.release.publishing.errors import PublishError
from model_training.release.publishing.package import pack_release
from model_training.release.release_folder import read_description
from tests.conftest import PROJECT
from tests.hub.server import Hub

_REPO = "ann/digits"


@pytest.fixture
def description(small_release: Path) -> dict[str, Any]:
    """The release.json of the small release, which may be changed."""
    return copy.deepcopy(read_description(small_release))


def _examples(card: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", card, re.DOTALL | re.MULTILINE)


def _run_python(example: str, *, folder: Path, environment: dict[str, str] | None = None) -> str:
    command = [sys.executable, "-c", example]
    ended = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_metadata_is_what_the_hub_files_models_by(description: dict[str, Any]) -> None:
    """Licence, library, task, data, metrics and tags stand in the YAML."""
    data = ModelCard(render_card(description)).data
    assert (data["license"], data["library_name"], data["pipeline_tag"]) == (
        "mit",
        "keras",
        "image-classification",
    )
    assert data["datasets"] == ["ylecun/mnist"]
    assert "accuracy" in data["metrics"]
    assert "mnist" in data["tags"]


def test_model_index_has_every_measured_score(description: dict[str, Any]) -> None:
    """Each score of release.json is a result of its data set, those of each label one by one."""
    measured = set()
    for metric in description["metrics"]:
        name, value = metric["metric"].replace("_", " "), metric["value"]
        if isinstance(value, list) and len(value) == 10:
            measured |= {(metric["dataset"], f"{name} of {n}", round(v, 6)) for n, v in enumerate(value)}
        elif not isinstance(value, list):
            measured.add((metric["dataset"], name, round(value, 6)))
    results = ModelCard(render_card(description)).data["eval_results"]
    assert {(result.dataset_name, result.metric_name, result.metric_value) for result in results} == measured
    assert len(results) == len(measured) > 60


def test_table_shows_every_data_set_with_its_result(description: dict[str, Any]) -> None:
    """MNIST, drawn digits and drawn non-digits each have a row with the measured figure."""
    rows = [line for line in render_card(description).splitlines() if line.startswith("| ")]
    for metric in description["metrics"]:
        if metric["metric"] in ("accuracy", "refused"):
            row = next(row for row in rows if row.startswith(f"| {metric['dataset']} |"))
            assert f"| {metric['size']:,} |" in row
            assert f"{100 * metric['value']:.1f}"[:-1] in row


def test_card_in_the_folder_shows_all_figures_and_leaves_nothing_to_fill_in(small_release: Path) -> None:
    """Every figure of the release is shown, and no placeholder is left."""
    card = (small_release / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"!\[.+?\]\((.+?)\)", card))
    assert shown == {
        path.relative_to(small_release).as_posix() for path in small_release.glob("figures/*.png")
    }
    prose = "".join(card.split("```")[::2])
    assert not re.search(r"[{}<>]|TODO|More Information|user/name|None|nan\b", prose)


def test_limits_say_what_the_network_learnt_from(description: dict[str, Any]) -> None:
    """A network of MNIST alone and one that also learnt from drawings have other limits."""
    alone = render_card(description)
    description["training"] |= {"drawn_share": 0.25, "non_digit_share": 0.1}
    both = render_card(description)
    assert "barred 7" in alone
    assert "templates of styles" in both
    assert "65 % MNIST, 25 % digits drawn" in both
    assert "only the largest probability" in alone
    assert "only the largest probability" not in both


def test_a_taught_network_says_so(description: dict[str, Any]) -> None:
    """Whoever learnt from other networks names how many, how far, and how to do so again."""
    description["training"] |= {"teachers": ["0" * 64, "1" * 64], "taught_share": 0.6}
    card = " ".join(render_card(description).split())
    assert "Labels make up 40 % of the loss" in card
    assert "answers of 2 trained networks" in card
    assert "train --teachers RELEASE ...`" in card
    assert "the teachers by their sha256" in card


def test_examples_of_the_folder_run_in_it(small_release: Path) -> None:
    """The example for LiteRT in a release's own card reads its seven."""
    card = (small_release / "README.md").read_text(encoding="utf-8")
    _, litert = _examples(card, "python")
    said = _run_python(litert, folder=small_release)
    assert re.match(r"digit: \d with probability 0\.\d+\naccepted as a digit: (True|False)\n$", said)


def test_python_examples_of_a_repo_run_as_they_stand(
    hub: Hub, hub_environment: dict[str, str], small_release: Path, tmp_path: Path
) -> None:
    """Copied out of the card on the Hub, both download their file and print a digit."""
    hub.commit(_REPO, pack_release(small_release, _REPO, evaluation=None).files)
    examples = _examples(hub.files(_REPO)["README.md"].decode(), "python")
    assert len(examples) == 2
    for example in examples:
        assert _REPO in example
        said = _run_python(example, folder=tmp_path, environment=hub_environment)
        assert re.search(r"^digit: \d", said, re.MULTILINE)
    loaded = {asked.path.rpartition("/")[2] for asked in hub.requests if asked.method == "GET"}
    assert {"model.keras", "reader.tflite"} <= loaded


def test_app_example_of_a_repo_serves_its_release(
    hub: Hub, hub_environment: dict[str, str], small_release: Path
) -> None:
    """The shell command starts the app with the reader of the repo."""
    hub.commit(_REPO, pack_release(small_release, _REPO, evaluation=None).files)
    (example,) = _examples(hub.files(_REPO)["README.md"].decode(), "sh")
    environment = hub_environment | {"DIGITS_PORT": "0", "DIGITS_UI": "0", "DIGITS_MODEL_REQUIRED": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    command = ["sh", "-c", f"exec env {example}"]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            address = "http://" + process.stdout.readline().split("http://")[1].split()[0].rstrip("/")
            with urllib.request.urlopen(f"{address}/api/model") as answer:  # noqa: S310
                served = json.load(answer)
        finally:
            process.terminate()
    assert (served["source"], served["repo"]) == ("hub", _REPO)
    assert served["sha256"] == read_description(small_release)["files"]["reader.tflite"]["sha256"]


def test_drawn_cases_of_an_evaluation_are_told(description: dict[str, Any], tmp_path: Path) -> None:
    """Each group of cases becomes metrics of release.json and a row of the table."""
    group = {"size": 50, "accuracy": 0.92, "accuracy_interval_95": [0.81, 0.97], "calibration_error": 0.03}
    evaluation = tmp_path / "evaluation.json"
    evaluation.write_text(json.dumps(_evaluation(description, {"pen": group, "letters": _LETTERS})))
    told = add_cases(description, evaluation)
    card = render_card(told)
    assert "| drawn cases: pen | 50 | 92.00 % right (81.00 to 97.00) | 3.00 % |" in card
    assert "| drawn cases: letters | 30 | 70.0 % refused | does not apply |" in card
    results = ModelCard(card).data["eval_results"]
    assert any(r.dataset_name == "drawn cases: pen" and r.metric_value == 0.92 for r in results)


_LETTERS = {"size": 30, "refused": 0.7}


def _evaluation(description: dict[str, Any], groups: dict[str, Any]) -> dict[str, Any]:
    through = next(m for m in description["metrics"] if m["metric"] == "accuracy_through_reader")
    return {
        "mnist_test": {"size": through["size"], "accuracy": through["value"]},
        "cases": {"groups": groups},
    }


def test_evaluation_of_another_release_is_refused(
    description: dict[str, Any], small_release: Path, tmp_path: Path
) -> None:
    """Cases are not told of a release that they were not measured with, nor read from another file."""
    evaluation = tmp_path / "evaluation.json"
    report = _evaluation(description, {"letters": _LETTERS})
    report["mnist_test"]["accuracy"] -= 0.01
    evaluation.write_text(json.dumps(report))
    release = copytree(small_release, tmp_path / "release")
    with pytest.raises(PublishError, match="is of another release"):
        pack_release(release, _REPO, evaluation=evaluation)
    with pytest.raises(PublishError, match=r"no evaluation\.json"):
        pack_release(release, _REPO, evaluation=release / "release.json")
    with pytest.raises(PublishError, match="cannot be read"):
        pack_release(release, _REPO, evaluation=tmp_path / "missing.json")
