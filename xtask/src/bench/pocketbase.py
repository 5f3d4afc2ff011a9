"""Puts Loggia's articles into PocketBase's database: pocketbase.py DATABASE CONTENTS. Prints the id of the middle one."""

import datetime
import json
import sqlite3
import sys


def rows(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            if entry["kind"] != "article":
                continue
            record = entry["record"]
            created = datetime.datetime.fromtimestamp(record["created_ms"] / 1000, datetime.timezone.utc)
            yield (
                f"{record['id']:015}", record["title"], record["alias"], record["category_id"], record["introduction"],
                record["full_text"], created.strftime("%Y-%m-%d %H:%M:%S.000Z"),
            )


def main():
    database = sqlite3.connect(sys.argv[1])
    places = ", ".join("?" * 7)
    columns = "id, title, alias, category, introduction, full_text, published"
    database.executemany(f"INSERT INTO articles ({columns}) VALUES ({places})", rows(sys.argv[2]))
    database.commit()
    middle = "SELECT id FROM articles ORDER BY id LIMIT 1 OFFSET (SELECT count(*) / 2 FROM articles)"
    print(database.execute(middle).fetchone()[0])
    database.close()


main()
