"""Network files that Keras 3.4 and later open."""

import inspect
import json
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import keras

_CONFIG = "config.json"


def save_network(network: keras.Model, path: Path) -> None:
    """Save a network in Keras 3 format, without arguments of layers that have their default.

    Each Keras version writes all arguments that its layers have, and refuses those that it does not know.
    """
    with TemporaryDirectory(dir=path.parent) as folder:
        whole = Path(folder) / path.name
        network.save(whole)
        with ZipFile(whole) as saved, ZipFile(path, "w") as file:
            for name in saved.namelist():
                content = saved.read(name)
                if name == _CONFIG:
                    content = json.dumps(_without_defaults(json.loads(content))).encode()
                file.writestr(saved.getinfo(name), content)


def _without_defaults(value: Any) -> Any:
    """Return a JSON value without those arguments in objects' configurations that have their default."""
    if isinstance(value, list):
        return [_without_defaults(each) for each in value]
    if not isinstance(value, dict):
        return value
    value = {key: _without_defaults(each) for key, each in value.items()}
    if value.get("module") and "config" in value:
        made = getattr(import_module(value["module"]), value["class_name"])
        arguments = inspect.signature(made.__init__).parameters
        value["config"] = {
            name: given
            for name, given in value["config"].items()
            if name not in arguments or arguments[name].default != given
        }
    return value
