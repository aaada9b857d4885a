"""The JSON API as replicas on a cluster, with Ray Serve: `serve run app/cluster/serve.yaml`."""

try:
    import ray.serve  # noqa: F401 - only whether it is installed
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("Ray Serve is not installed: pip install '.[cluster]'") from error

from app.cluster.build import deployment

__all__ = ["deployment"]
