"""Settings of the served app, read from environment variables that start with DIGITS_."""

import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import limits
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_PREFIX = "DIGITS_"
_MIN_KEY_LENGTH = 8
_REPO = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_RATE = re.compile(r"[1-9]\d*\s*(/|\s+per\s+)\s*([1-9]\d*\s*)?[a-z]+", re.ASCII | re.IGNORECASE)
_ROUTES = "api|v1|v2|ui|health|metrics|docs|gradio_api|assets|static|config|theme.css"
PATH_PREFIX = re.compile(rf"(?!/({_ROUTES})(/|$))(/[\w.~-]+)+", re.ASCII)  # of no route of the app's own
_ORIGIN = re.compile(r"\*|https?://[\w.:\[\]-]+", re.ASCII)


class SettingsError(ValueError):
    """A setting is unknown or invalid; the message names the variable and its value."""


class Settings(BaseSettings):
    """The settings of the served app. All are optional."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, frozen=True, extra="forbid", arbitrary_types_allowed=True
    )

    model_repo: str | None = Field(default=None, description="model repository on the Hub, as user/name")
    model_revision: str = Field(default="main", min_length=1, description="its branch, tag or commit")
    model_dir: Path | None = Field(
        default=None, description="release folder on this machine, instead of the Hub"
    )
    model_required: bool = Field(default=False, description="fail to start if the model is unavailable")
    model_refresh_seconds: int = Field(default=0, ge=0, description="seconds between updates; 0 for none")
    corrections_repo: str | None = Field(
        default=None, description="data set on the Hub that takes visitors' corrections, as user/name"
    )
    corrections_revision: str = Field(
        default="main", min_length=1, description="its branch, or refs/pr/N for a pull request"
    )
    corrections_dir: Path | None = Field(
        default=None, description="folder for corrections, alone or on their way to the Hub"
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on; 0.0.0.0 for all")
    port: int = Field(default=7860, ge=0, le=65535, description="port to listen on; 0 for any free port")
    root_path: str = Field(default="", description="path under which a proxy serves the app, as /digits")
    ui: bool = Field(default=True, description="serve the page; 0 serves the JSON API only")
    workers: int = Field(default=1, ge=1, le=64, description="worker processes; more than 1 need DIGITS_UI=0")
    max_body_bytes: int = Field(default=16 * 2**20, ge=1024, description="maximum size of a request body")
    max_pixels: int = Field(default=25_000_000, ge=784, description="maximum width x height of a picture")
    max_concurrency: int = Field(default=64, ge=1, description="maximum of requests in flight, beyond it 503")
    api_key: SecretStr | None = Field(
        default=None, description="key that API requests must send; the page needs none"
    )
    rate_limit: limits.RateLimitItem | None = Field(
        default=None, description="API requests of one address, as 100/minute; others get 429"
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="origins whose pages may call the API, separated by commas; * for all"
    )
    drain_seconds: float = Field(
        default=1.0, ge=0, le=60, description="seconds that a stopping server still accepts requests"
    )
    log_format: Literal["text", "json"] = Field(default="text", description="text or json")
    log_level: Literal["critical", "error", "warning", "info", "debug"] = Field(
        default="warning", description="minimum level of logged messages; info logs every request"
    )

    @field_validator("root_path")
    @classmethod
    def _check_root_path(cls, path: str) -> str:
        if path.rstrip("/") and not PATH_PREFIX.fullmatch(path.rstrip("/")):
            raise ValueError("write it as /digits")
        return path.rstrip("/")

    @field_validator("model_repo", "corrections_repo")
    @classmethod
    def _check_repo(cls, repo: str | None) -> str | None:
        if repo is not None and not _REPO.fullmatch(repo):
            raise ValueError("write it as user/name")
        return repo

    @field_validator("model_dir", "corrections_dir", mode="before")
    @classmethod
    def _check_dir(cls, folder: Any, info: ValidationInfo) -> Any:
        if folder == "":
            raise ValueError("name a folder, or unset it")
        if info.field_name == "model_dir" and folder is not None and info.data.get("model_repo"):
            raise ValueError("the model comes from DIGITS_MODEL_REPO; set one of the two")
        return folder and Path(folder).expanduser()

    @field_validator("workers")
    @classmethod
    def _check_workers(cls, workers: int, info: ValidationInfo) -> int:
        if workers > 1 and info.data.get("ui"):
            raise ValueError("the page needs a single process; set DIGITS_UI=0")
        return workers

    @field_validator("api_key")
    @classmethod
    def _check_key(cls, key: SecretStr | None) -> SecretStr | None:
        # Clients encode other characters in different ways, and strip surrounding blanks.
        text = key.get_secret_value() if key else ""
        if key and len(text) < _MIN_KEY_LENGTH:
            raise ValueError(f"use at least {_MIN_KEY_LENGTH} characters")
        if not (text.isascii() and text.isprintable() and text == text.strip()):
            raise ValueError("use printable ASCII characters without surrounding blanks")
        return key

    @field_validator("rate_limit", mode="before")
    @classmethod
    def _parse_rate(cls, rate: object) -> limits.RateLimitItem | None:
        if rate is None or isinstance(rate, limits.RateLimitItem):
            return rate
        wrong = ValueError("write it as 100/minute, one limit of at least 1")
        # The library ignores all limits but the first, and treats 0 minutes as 1.
        if not _RATE.fullmatch(str(rate).strip()):
            raise wrong
        try:
            return limits.parse(str(rate))
        except ValueError:
            raise wrong from None

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, origins: Any) -> Any:
        return tuple(part.strip() for part in origins.split(",")) if isinstance(origins, str) else origins

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_ORIGIN.fullmatch(origin) for origin in origins):
            raise ValueError("write each as https://example.org, or *")
        return origins


def load_settings(**given: str) -> Settings:
    """Read the settings from the environment; those `given` by name replace them.

    Raises:
        SettingsError: a variable that starts with DIGITS_ is unknown, or a value is invalid.
    """
    _check_names(os.environ)
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        reason = first["msg"].removeprefix("Value error, ")
        option = f"--{name}" if name in given else f"{_PREFIX}{name.upper()}"
        value = "invalid" if name == "api_key" else repr(first["input"])  # messages contain no secret
        raise SettingsError(f"{option} is {value}: {reason[:1].lower()}{reason[1:]}.") from error


def _check_names(variables: Iterable[str]) -> None:
    """Raise SettingsError for a misspelt variable: a server without its DIGITS_API_KEY would be open."""
    known = [name.upper() for name in Settings.model_fields]
    for variable in variables:
        name = variable.upper().removeprefix(_PREFIX)
        if variable.upper().startswith(_PREFIX) and name not in known:
            nearest = get_close_matches(name, known, n=1)
            hint = f"did you mean {_PREFIX}{nearest[0]}?" if nearest else "see python -m app --help."
            raise SettingsError(f"{variable} is not a setting: {hint}")
