"""A function that tells what was built into its image; it fails if it is sick."""

from pathlib import Path

from runtime import serve

HERE = Path(__file__).parent
EDITION = (HERE / "edition.txt").read_text().strip()
WORDS = (HERE / "services/shared/words.txt").read_text().strip()
MOOD = (HERE / "mood.txt").read_text().strip()


def handle(event: object) -> dict[str, str]:
    """What was built in, whatever the event is."""
    if MOOD == "sick":
        raise RuntimeError("sick")
    return {"edition": EDITION, "words": WORDS}


if __name__ == "__main__":
    if MOOD == "dead":
        raise SystemExit("dead on arrival")
    serve(handle)
