"""Writes the contents of a large site as records, the same for the same seed: contents.py FILE SEED ARTICLES."""

import json
import random
import sys

CATEGORIES = 1000
FIRST_ID = 1_000_000
WORDS = [
    a + b
    for a in ("ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "ve")
    for b in ("lan", "ment", "nor", "ric", "sol", "tan", "ver", "zin")
]


def text(chance, words):
    return " ".join(chance.choices(WORDS, k=words))


def categories(chance):
    for number in range(CATEGORIES):
        parent = 0 if number < 10 else FIRST_ID + chance.randrange(number // 3 + 1)
        title = f"Category {number}"
        yield {
            "id": FIRST_ID + number, "parent_id": parent, "position": number, "title": title,
            "alias": f"category-{number}", "description": text(chance, 20), "metadesc": "", "metakey": "",
            "page_title": "", "author": "", "robots": "", "language": "*", "state": 1, "view_level_id": 1,
        }


def articles(chance, count):
    images = {"image_intro": "images/a.png", "image_intro_alt": "An image"}
    for number in range(count):
        created = 1_700_000_000_000 + chance.randrange(10**10)
        yield {
            "id": FIRST_ID + number, "category_id": FIRST_ID + chance.randrange(CATEGORIES),
            "title": text(chance, 5).capitalize(), "alias": f"article-{number}",
            "introduction": f"<p>{text(chance, 40)}</p>", "full_text": f"<p>{text(chance, 120)}</p>",
            "featured": chance.random() < 0.05, "position": number, "hits": chance.randrange(10_000),
            "created_ms": created, "created_by": 0, "author_name": "The editors", "author_alias": "",
            "publish_up_ms": None, "publish_down_ms": None, "metadesc": "", "metakey": "", "metadata": {},
            "images": images, "language": "*", "state": 1, "view_level_id": 1, "tags": [],
        }


def main():
    path, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    with open(path, "w", encoding="utf-8") as file:
        for kind, records in (("category", categories(chance)), ("article", articles(chance, count))):
            for record in records:
                file.write(json.dumps({"module": "content", "kind": kind, "record": record}) + "\n")


main()
