# The page and the API: docker build --tag digits . && docker run --publish 7860:7860 digits
# A Docker Space has the same file. Ordered by how often the layers change: Python, packages, app.
FROM python:3.12-slim-trixie

# Spaces run as user 1000, and preload the model into that user's ~/.cache/huggingface.
RUN useradd --create-home --uid 1000 user
WORKDIR /home/user/app

COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
    >requirements.txt && \
    pip install --no-cache-dir --root-user-action ignore --requirement requirements.txt --constraint constraints.txt

COPY app app
RUN python -m compileall -q app

USER 1000
ENV HOME=/home/user \
    PYTHONUNBUFFERED=1 \
    GRADIO_ANALYTICS_ENABLED=False \
    DIGITS_HOST=0.0.0.0 \
    DIGITS_PORT=7860
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/health/ready')"]
CMD ["python", "-m", "app"]
