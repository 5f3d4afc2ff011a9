"""Writes a large forum, the same for the same seed: posts.py FOLDER SEED POSTS.

FOLDER/posts.ndjson are records for Loggia, FOLDER/posts.tsv the same posts for PostgreSQL's COPY: id, time, subject,
text, FOLDER/joomla.sql the same forum in Kunena's tables, with 50,000 users.
Words are as frequent as in a language: the one of rank r stands in the texts in proportion to 1/r.
"""

import itertools
import json
import os
import random
import sys

CATEGORIES = 200
POSTS_A_TOPIC = 20
USERS = 50_000
FIRST_ID = 1_000_000
START_MS = 1_600_000_000_000
SYLLABLES = [a + b for a in "bdfglmnprstv" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]
TABLES = {
    "users": """id INT PRIMARY KEY, name VARCHAR(400), username VARCHAR(150), email VARCHAR(100), password VARCHAR(100),
        block SMALLINT, sendEmail SMALLINT, registerDate DATETIME, lastvisitDate DATETIME, activation VARCHAR(100),
        params TEXT""",
    "usergroups": "id INT PRIMARY KEY, parent_id INT, lft INT, rgt INT, title VARCHAR(100)",
    "user_usergroup_map": "user_id INT, group_id INT, PRIMARY KEY (user_id, group_id)",
    "kunena_categories": """id INT PRIMARY KEY, parent_id INT, name TEXT, alias VARCHAR(255), icon VARCHAR(20),
        icon_id SMALLINT, locked SMALLINT, accesstype VARCHAR(20), access INT, pub_access INT, pub_recurse SMALLINT, ordering INT,
        published SMALLINT, review SMALLINT, allow_anonymous SMALLINT, post_anonymous SMALLINT, hits INT,
        description TEXT, allow_polls SMALLINT, topic_ordering VARCHAR(16)""",
    "kunena_topics": """id INT PRIMARY KEY, category_id INT, subject TEXT, icon_id INT, locked SMALLINT, hold SMALLINT,
        ordering INT, posts INT, hits INT, attachments INT, moved_id INT, first_post_id INT, first_post_time INT,
        first_post_userid INT, last_post_id INT, last_post_time INT, last_post_userid INT""",
    "kunena_messages": """id INT PRIMARY KEY, parent INT, thread INT, catid INT, name TEXT, userid INT, email TEXT,
        subject TEXT, time INT, ip VARCHAR(128), topic_emoticon INT, locked SMALLINT, hold SMALLINT, hits INT, moved SMALLINT,
        modified_by INT, modified_time INT, modified_reason TEXT""",
    "kunena_messages_text": "mesid INT PRIMARY KEY, message TEXT",
}
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


class Joomla:
    """Statements that make and fill Joomla's and Kunena's tables, many rows each."""

    ROWS = 500

    def __init__(self, file):
        self.file = file
        self.waiting = {table: [] for table in TABLES}
        file.write("CREATE DATABASE joomla;\nUSE joomla;\n")
        for table, columns in TABLES.items():
            file.write(f"CREATE TABLE jos_{table} ({columns});\n")

    def put(self, table, *values):
        # Nothing that is written has an apostrophe or a backslash in it.
        row = ", ".join(f"'{value}'" if isinstance(value, str) else str(value) for value in values)
        self.waiting[table].append(f"({row})")
        if len(self.waiting[table]) == self.ROWS:
            self.flush(table)

    def flush(self, table):
        if self.waiting[table]:
            self.file.write(f"INSERT INTO jos_{table} VALUES {', '.join(self.waiting[table])};\n")
            self.waiting[table].clear()

    def user(self, number):
        self.put(
            "users", number, f"Visitor {number}", f"visitor{number}", f"visitor{number}@example.org",
            "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", 0, 0, "2020-01-01 00:00:00", "2020-01-01 00:00:00", "", "{}",
        )
        self.put("user_usergroup_map", number, 2)

    def category(self, one):
        self.put(
            "kunena_categories", one["id"], one["parent_id"], one["name"], one["alias"], "", 0, 0, "joomla.level", 1, 1, 1,
            one["position"], 1, 0, 0, 0, 0, "", 0, "lastpost",
        )

    def topic(self, one):
        first = FIRST_ID + (one["id"] - FIRST_ID) * POSTS_A_TOPIC
        self.put(
            "kunena_topics", one["id"], one["category_id"], one["subject"], 0, 0, 0, 0, POSTS_A_TOPIC, 0, 0, 0, first, 0, 0,
            first + POSTS_A_TOPIC - 1, 0, 0,
        )

    def message(self, one):
        category = FIRST_ID + (one["topic_id"] - FIRST_ID) % CATEGORIES
        self.put(
            "kunena_messages", one["id"], one["parent_id"], one["topic_id"], category, one["name"],
            1000 + one["id"] % USERS, "", one["subject"], one["time_ms"] // 1000, "", 0, 0, 0, 0, 0, 0, 0, "",
        )
        self.put("kunena_messages_text", one["id"], one["text"])


def main():
    folder, seed, posts = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    topics = (posts + POSTS_A_TOPIC - 1) // POSTS_A_TOPIC
    subjects = [text(chance, 4) for _ in range(topics)]
    records = open(os.path.join(folder, "posts.ndjson"), "w", encoding="utf-8")
    table = open(os.path.join(folder, "posts.tsv"), "w", encoding="utf-8")
    old = open(os.path.join(folder, "joomla.sql"), "w", encoding="utf-8")
    with records, table, old:
        joomla = Joomla(old)
        joomla.put("usergroups", 1, 0, 1, 4, "Public")
        joomla.put("usergroups", 2, 1, 2, 3, "Registered")
        for number in range(USERS):
            joomla.user(1000 + number)

        def put(kind, record):
            records.write(json.dumps({"module": "forum", "kind": kind, "record": record}) + "\n")
            getattr(joomla, kind)(record)

        for number in range(CATEGORIES):
            put("category", category(number))
        for number, subject in enumerate(subjects):
            put("topic", topic(number, subject))
        for number in range(posts):
            subject, words = subjects[number // POSTS_A_TOPIC], text(chance, 40)
            put("message", message(number, subject, words))
            table.write(f"{FIRST_ID + number}\t{START_MS + number * 1000}\t{subject}\t{words}\n")
        for rows in TABLES:
            joomla.flush(rows)
    for rank in (10, 300, 20_000):
        print(WORDS[rank - 1])


main()
