"""Sample artifact, in place of what the repository of this service builds."""

from fastapi import FastAPI

app = FastAPI(version="2026.11.0")


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok", "release": app.version}
