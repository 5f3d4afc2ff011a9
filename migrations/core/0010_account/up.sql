CREATE TABLE "account" (
    "id" {id},
    "username" TEXT NOT NULL,
    "username_key" TEXT NOT NULL UNIQUE,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_key" TEXT NOT NULL UNIQUE,
    "password_hash" TEXT NOT NULL,
    "blocked" {bool} NOT NULL,
    "language" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    "last_visit_ms" BIGINT
);

CREATE TABLE "user_group" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "parent_id" BIGINT REFERENCES "user_group" ("id"),
    "title" TEXT NOT NULL UNIQUE
);

CREATE TABLE "account_group" (
    "account_id" BIGINT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
    "group_id" BIGINT NOT NULL REFERENCES "user_group" ("id"),
    PRIMARY KEY ("account_id", "group_id")
);

CREATE INDEX "account_group_by_group" ON "account_group" ("group_id");

CREATE TABLE "view_level" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "title" TEXT NOT NULL UNIQUE,
    "position" BIGINT NOT NULL
);

CREATE TABLE "view_level_group" (
    "view_level_id" BIGINT NOT NULL REFERENCES "view_level" ("id") ON DELETE CASCADE,
    "group_id" BIGINT NOT NULL REFERENCES "user_group" ("id") ON DELETE CASCADE,
    PRIMARY KEY ("view_level_id", "group_id")
);

INSERT INTO "user_group" ("id", "parent_id", "title") VALUES
    (1, NULL, 'Public'),
    (2, 1, 'Registered'),
    (3, 2, 'Author'),
    (4, 3, 'Editor'),
    (5, 4, 'Publisher'),
    (6, 1, 'Manager'),
    (7, 6, 'Administrator'),
    (8, 1, 'Super Users'),
    (9, 1, 'Guest');

INSERT INTO "view_level" ("id", "title", "position") VALUES
    (1, 'Public', 0),
    (2, 'Registered', 2),
    (3, 'Special', 3),
    (5, 'Guest', 1),
    (6, 'Super Users', 4);

INSERT INTO "view_level_group" ("view_level_id", "group_id") VALUES
    (1, 1),
    (2, 2), (2, 6), (2, 8),
    (3, 3), (3, 6), (3, 8),
    (5, 9),
    (6, 8);
