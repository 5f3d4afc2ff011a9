"""Writes a large forum, the same for the same seed: posts.py FOLDER SEED POSTS.

FOLDER/posts.ndjson are records for Loggia, FOLDER/posts.tsv the same posts for PostgreSQL's COPY: id, time, subject, text.
Words are as frequent as in a language: the one of rank r stands in the texts in proportion to 1/r.
"""

import itertools
import json
import os
import random
import sys

CATEGORIES = 200
POSTS_A_TOPIC = 20
FIRST_ID = 1_000_000
START_MS = 1_600_000_000_000
SYLLABLES = [a + b for a in "bdfglmnprstv" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]
WORDS = ["".join(parts) for parts in itertools.islice(itertools.product(SYLLABLES, repeat=3), 0, 900_000, 30)]
WEIGHTS = list(itertools.accumulate(1 / rank for rank in range(1, len(WORDS) + 1)))


def text(chance, words):
    return " ".join(chance.choices(WORDS, cum_weights=WEIGHTS, k=words))


def category(number):
    return {
        "id": FIRST_ID + number, "parent_id": 0 if number < 20 else FIRST_ID + number % 20, "position": number,
        "name": f"Category {number}", "alias": f"category-{number}", "state": 1, "locked": False,
        "by_group": False, "view_level_id": 1, "group_id": 0, "group_recurse": True, "review": False,
        "allow_anonymous": False, "post_anonymous": False, "allow_polls": False, "topic_ordering": "lastpost",
    }


def topic(number, subject):
    return {
        "id": FIRST_ID + number, "category_id": FIRST_ID + number % CATEGORIES, "subject": subject, "locked": False,
        "hold": 0, "sticky": False,
    }


def message(number, subject, words):
    return {
        "id": FIRST_ID + number, "topic_id": FIRST_ID + number // POSTS_A_TOPIC,
        "parent_id": 0 if number % POSTS_A_TOPIC == 0 else FIRST_ID + number - 1, "user_id": 0,
        "name": f"Visitor {number % 5000}", "subject": subject, "text": words, "markup": "bbcode",
        "time_ms": START_MS + number * 1000, "hold": 0,
    }


def main():
    folder, seed, posts = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    topics = (posts + POSTS_A_TOPIC - 1) // POSTS_A_TOPIC
    subjects = [text(chance, 4) for _ in range(topics)]
    records = open(os.path.join(folder, "posts.ndjson"), "w", encoding="utf-8")
    table = open(os.path.join(folder, "posts.tsv"), "w", encoding="utf-8")
    with records, table:
        def put(kind, record):
            records.write(json.dumps({"module": "forum", "kind": kind, "record": record}) + "\n")

        for number in range(CATEGORIES):
            put("category", category(number))
        for number, subject in enumerate(subjects):
            put("topic", topic(number, subject))
        for number in range(posts):
            subject, words = subjects[number // POSTS_A_TOPIC], text(chance, 40)
            put("message", message(number, subject, words))
            table.write(f"{FIRST_ID + number}\t{START_MS + number * 1000}\t{subject}\t{words}\n")
    for rank in (10, 300, 20_000):
        print(WORDS[rank - 1])


main()
