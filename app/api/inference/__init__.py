"""The Open Inference Protocol, version 2, over REST, as in KServe and Triton."""
