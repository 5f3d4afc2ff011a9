"""Makes devices, the same for the same seed, and puts them into a SQLite file.

devices.py write FILE SEED COUNT [SUBSCRIPTION]: a line a device, its id for the outside, its token and what the token is
found by. With a browser's subscription the tokens are copies of it with an address of their own.
devices.py enter DATABASE FILE APPLICATION PLATFORM: enters them for an application, by its code.
"""

import hashlib
import json
import random
import sqlite3
import sys

ENTER = """
INSERT INTO push_device (public_id, application_id, platform, token, token_digest, status, ios_alert, ios_badge,
    ios_sound, details, hits, last_request_ms, push_hits, created_ms, modified_ms)
VALUES (?, ?, ?, ?, ?, 'active', TRUE, TRUE, TRUE, '{}', 1, 1600000000000, 0, 1600000000000, 1600000000000)
"""


def write(path, seed, count, subscription=None):
    chance = random.Random(int(seed))
    with open(path, "w", encoding="ascii") as out:
        for number in range(int(count)):
            token = address = f"{chance.getrandbits(256):064x}"
            if subscription is not None:
                one = json.loads(subscription)
                address = one["endpoint"] = f"{one['endpoint']}{number}"
                token = json.dumps(one)
            digest = hashlib.sha256(address.encode()).hexdigest()
            out.write(f"{chance.getrandbits(128):032x}\t{token}\t{digest}\n")


def enter(database, path, application, platform):
    connection = sqlite3.connect(database)
    found = connection.execute("SELECT id FROM push_application WHERE code = ?", (application,))
    (number,) = found.fetchone()
    with open(path, encoding="ascii") as lines:
        parts = (line.rstrip("\n").split("\t") for line in lines)
        rows = ((public_id, number, platform, token, digest) for public_id, token, digest in parts)
        connection.executemany(ENTER, rows)
    connection.commit()
    connection.close()


{"write": write, "enter": enter}[sys.argv[1]](*sys.argv[2:])
