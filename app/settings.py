"""Settings of the served app, read from environment variables that start with DIGITS_."""

import re
from typing import Annotated, Any, Literal

import limits
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_PREFIX = "DIGITS_"
_REPO = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_RATE = re.compile(r"[1-9]\d*\s*(/|\s+per\s+)\s*([1-9]\d*\s*)?[a-z]+", re.ASCII | re.IGNORECASE)
_ORIGIN = re.compile(r"\*|https?://[\w.:\[\]-]+", re.ASCII)


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message names the variable and the value."""


class Settings(BaseSettings):
    """Everything an operator may change. Every setting is optional."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, frozen=True, extra="forbid", arbitrary_types_allowed=True
    )

    model_repo: str | None = Field(default=None, description="user/name of the model on the Hub")
    model_revision: str = Field(default="main", min_length=1, description="its branch, tag or commit")
    model_required: bool = Field(
        default=False, description="fail to start rather than serve the bundled model instead"
    )
    model_refresh_seconds: int = Field(
        default=0, ge=0, description="how often to look for a new commit of the model; 0 is never"
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on; 0.0.0.0 for all")
    port: int = Field(default=7860, ge=0, le=65535, description="port to listen on; 0 takes any free one")
    ui: bool = Field(default=True, description="serve the page; 0 serves the JSON API alone")
    workers: int = Field(default=1, ge=1, le=64, description="processes of the API; only one has a page")
    max_body_bytes: int = Field(default=16 * 2**20, ge=1024, description="largest body of an API request")
    max_pixels: int = Field(default=25_000_000, ge=784, description="largest picture (width x height)")
    max_concurrency: int = Field(
        default=64, ge=1, description="requests let in at the same time; more get 503"
    )
    api_key: SecretStr | None = Field(
        default=None, min_length=8, description="what programs must send; the page itself needs none"
    )
    rate_limit: limits.RateLimitItem | None = Field(
        default=None, description="of each address that programs ask from, as 100/minute; more get 429"
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="origins whose pages may ask the API, with commas between; * is all"
    )
    drain_seconds: float = Field(
        default=1.0, ge=0, le=60, description="how long a stopping server still answers, but is not ready"
    )
    log_format: Literal["text", "json"] = Field(default="text", description="of each message")
    log_level: Literal["critical", "error", "warning", "info", "debug"] = Field(
        default="warning", description="least severe message to log; info also logs each request"
    )

    @field_validator("model_repo")
    @classmethod
    def _check_repo(cls, repo: str | None) -> str | None:
        if repo is not None and not _REPO.fullmatch(repo):
            raise ValueError("write it as user/name")
        return repo

    @field_validator("workers")
    @classmethod
    def _check_workers(cls, workers: int, info: ValidationInfo) -> int:
        if workers > 1 and info.data.get("ui"):
            raise ValueError("a page's visitors need one process; set DIGITS_UI=0")
        return workers

    @field_validator("api_key")
    @classmethod
    def _check_key(cls, key: SecretStr | None) -> SecretStr | None:
        # A header holds no other characters in a way that all clients agree on, and no blanks around.
        text = key.get_secret_value() if key else ""
        if not (text.isascii() and text.isprintable() and text == text.strip()):
            raise ValueError("use printable ASCII characters, without blanks around")
        return key

    @field_validator("rate_limit", mode="before")
    @classmethod
    def _parse_rate(cls, rate: object) -> limits.RateLimitItem | None:
        if rate is None or isinstance(rate, limits.RateLimitItem):
            return rate
        wrong = ValueError("write it as 100/minute, one limit of at least 1")
        # The library passes over all limits but the first, and takes 0 minutes for 1.
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
    """Read the settings from the environment; those `given` by name take its place.

    Raises:
        SettingsError: a variable, or what is given, has a value that cannot be used.
    """
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        said = first["msg"].removeprefix("Value error, ")
        shown = f"--{name}" if name in given else f"{_PREFIX}{name.upper()}"
        value = "not usable" if name == "api_key" else repr(first["input"])  # no secret is told
        raise SettingsError(f"{shown} is {value}: {said[:1].lower()}{said[1:]}.") from error
