"""Writes the catalog of a large site, and its people, as records, the same for the same seed:
catalog.py FOLDER SEED ITEMS PEOPLE makes FOLDER/catalog.ndjson and FOLDER/people.ndjson."""

import json
import os
import random
import sys

CATEGORIES = 1000
FIRST_ID = 1_000_000
COUNTRIES = ["DE", "ES", "FR", "IT", "JP", "PT", "SE", "US"]
COLOURS = ["black", "brass", "green", "red", "white"]
WORDS = [
    a + b
    for a in ("ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "ve")
    for b in ("lan", "ment", "nor", "ric", "sol", "tan", "ver", "zin")
]


def text(chance, words):
    return " ".join(chance.choices(WORDS, k=words))


def element(identifier, kind, **more):
    return {"identifier": identifier, "type": kind, "name": identifier.capitalize(), **more}


def applications():
    yield {
        "id": FIRST_ID, "name": "Warehouse", "alias": "warehouse", "description": "<p>All there is.</p>",
        "state": 1, "view_level_id": 1, "version": 1,
    }


def types():
    colours = [{"value": colour, "name": colour.capitalize()} for colour in COLOURS]
    yield {
        "id": FIRST_ID, "application_id": FIRST_ID, "identifier": "article-of-trade", "name": "Article of trade",
        "version": 1, "elements": [
            element("subtitle", "text", max_length=200), element("about", "textarea", html=True),
            element("price", "number", required=True, minimum=0), element("released", "date"),
            element("picture", "image"), element("maker", "link"),
            element("colour", "select", options=colours, repeatable=True),
            element("origin", "country"), element("contact", "email"), element("manual", "file"),
            element("similar", "relation", repeatable=True), element("stars", "rating"),
        ],
    }


def categories(chance):
    for number in range(CATEGORIES):
        yield {
            "id": FIRST_ID + number, "application_id": FIRST_ID,
            "parent_id": 0 if number < 10 else FIRST_ID + chance.randrange(number // 3 + 1),
            "position": number, "name": f"Category {number}", "alias": f"category-{number}",
            "description": text(chance, 20), "content": {}, "metadata": {}, "state": 1, "view_level_id": 1,
            "version": 1,
        }


def elements(chance, number):
    one = lambda value: {"0": {"value": value}}
    similar = sorted({chance.randrange(number + 1) for _ in range(3)} - {number})
    return {
        "subtitle": one(text(chance, 6)), "about": one(f"<p>{text(chance, 60)}</p>"),
        "price": one(chance.randrange(100, 100_000) / 100), "released": one("2026-01-01 00:00:00"),
        "picture": {"file": "images/a.png", "title": "A picture"}, "maker": one("https://example.org/"),
        "colour": {"option": dict(enumerate(chance.sample(COLOURS, 2)))},
        "origin": {"country": {"0": chance.choice(COUNTRIES)}}, "contact": one("maker@example.org"),
        "manual": {"file": "files/manual.pdf"},
        "similar": {"item": {place: str(FIRST_ID + item) for place, item in enumerate(similar)}},
        "stars": {"value": 4.0, "votes": chance.randrange(100)},
    }


def items(chance, count):
    for number in range(count):
        created = 1_700_000_000_000 + chance.randrange(10**10)
        placed = sorted({FIRST_ID + chance.randrange(CATEGORIES) for _ in range(2)})
        yield {
            "id": FIRST_ID + number, "application_id": FIRST_ID, "type_id": FIRST_ID,
            "name": text(chance, 4).capitalize(), "alias": f"item-{number}", "state": 1, "view_level_id": 1,
            "publish_up_ms": None, "publish_down_ms": None, "priority": chance.randrange(3), "searchable": True,
            "comments_enabled": False, "primary_category_id": placed[0], "created_ms": created, "created_by": 0,
            "created_by_alias": "The shop", "modified_ms": created, "modified_by": 0,
            "hits": chance.randrange(10_000), "elements": elements(chance, number), "metadata": {}, "version": 1,
            "categories": placed,
        }


def accounts(chance, count):
    for number in range(count):
        yield {
            "id": FIRST_ID + number, "username": f"person{number}", "name": text(chance, 2).title(),
            "email": f"person{number}@example.org", "blocked": False, "language": "*",
            "created_ms": 1_700_000_000_000 + number, "last_visit_ms": None, "groups": [2], "fields": {},
        }


def profiles(chance, count):
    """What they say in the fields of the demo site."""
    for number in range(count):
        yield {
            "id": FIRST_ID + number, "values": {
                "cb_city": text(chance, 1).capitalize(), "cb_website": f"https://example.org/{number}",
                "cb_interests": chance.choice(["Music", "Books", "Sports", "Music|*|Books"]),
            },
        }


def write(path, kinds):
    with open(path, "w", encoding="utf-8") as file:
        for module, kind, records in kinds:
            for record in records:
                file.write(json.dumps({"module": module, "kind": kind, "record": record}) + "\n")


def main():
    folder, (seed, item_count, people) = sys.argv[1], map(int, sys.argv[2:5])
    chance = random.Random(seed)
    write(os.path.join(folder, "catalog.ndjson"), [
        ("catalog", "application", applications()), ("catalog", "type", types()),
        ("catalog", "category", categories(chance)), ("catalog", "item", items(chance, item_count)),
    ])
    write(os.path.join(folder, "people.ndjson"), [
        ("core", "account", accounts(chance, people)), ("profiles", "profile", profiles(chance, people)),
    ])


main()
