CREATE TABLE "forum_category" (
    "id" {id},
    "parent_id" BIGINT NOT NULL,
    "level" BIGINT NOT NULL,
    "position" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "alias" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "icon" TEXT NOT NULL,
    "icon_id" BIGINT NOT NULL,
    "state" BIGINT NOT NULL,
    "locked" {bool} NOT NULL,
    "by_group" {bool} NOT NULL,
    "view_level_id" BIGINT NOT NULL,
    "group_id" BIGINT NOT NULL,
    "group_recurse" {bool} NOT NULL,
    "review" {bool} NOT NULL,
    "allow_anonymous" {bool} NOT NULL,
    "post_anonymous" {bool} NOT NULL,
    "allow_polls" {bool} NOT NULL,
    "topic_ordering" TEXT NOT NULL,
    "topics" BIGINT NOT NULL,
    "posts" BIGINT NOT NULL,
    "hits" BIGINT NOT NULL,
    "last_topic_id" BIGINT NOT NULL,
    "last_post_id" BIGINT NOT NULL,
    "last_post_ms" BIGINT NOT NULL,
    "version" BIGINT NOT NULL,
    UNIQUE ("parent_id", "alias")
);

CREATE TABLE "forum_category_ancestor" (
    "category_id" BIGINT NOT NULL REFERENCES "forum_category" ("id") ON DELETE CASCADE,
    "ancestor_id" BIGINT NOT NULL REFERENCES "forum_category" ("id") ON DELETE CASCADE,
    "distance" BIGINT NOT NULL,
    PRIMARY KEY ("category_id", "ancestor_id")
);

CREATE INDEX "forum_category_ancestor_by_ancestor"
    ON "forum_category_ancestor" ("ancestor_id", "distance", "category_id");

CREATE TABLE "forum_moderator" (
    "id" {id},
    "category_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    UNIQUE ("user_id", "category_id")
);

CREATE TABLE "forum_topic" (
    "id" {id},
    "category_id" BIGINT NOT NULL REFERENCES "forum_category" ("id"),
    "subject" TEXT NOT NULL,
    "icon_id" BIGINT NOT NULL,
    "locked" {bool} NOT NULL,
    "hold" BIGINT NOT NULL,
    "sticky" {bool} NOT NULL,
    "posts" BIGINT NOT NULL,
    "hits" BIGINT NOT NULL,
    "attachments" BIGINT NOT NULL,
    "first_post_id" BIGINT NOT NULL,
    "first_post_ms" BIGINT NOT NULL,
    "first_post_user_id" BIGINT NOT NULL,
    "last_post_id" BIGINT NOT NULL,
    "last_post_ms" BIGINT NOT NULL,
    "last_post_user_id" BIGINT NOT NULL,
    "deleted_by" BIGINT NOT NULL,
    "version" BIGINT NOT NULL
);

-- A page is found in one of these three alone, and its rows by their ids afterwards.
CREATE INDEX "forum_topic_by_last_post"
    ON "forum_topic" ("category_id", "sticky", "last_post_ms", "id", "hold", "first_post_user_id");
CREATE INDEX "forum_topic_by_first_post"
    ON "forum_topic" ("category_id", "sticky", "first_post_ms", "id", "hold", "first_post_user_id");
CREATE INDEX "forum_topic_by_subject"
    ON "forum_topic" ("category_id", "sticky", "subject", "id", "hold", "first_post_user_id");
CREATE INDEX "forum_topic_by_hold" ON "forum_topic" ("category_id", "hold", "first_post_user_id");

CREATE TABLE "forum_message" (
    "id" {id},
    "topic_id" BIGINT NOT NULL REFERENCES "forum_topic" ("id") ON DELETE CASCADE,
    "parent_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "ip" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "markup" TEXT NOT NULL,
    "time_ms" BIGINT NOT NULL,
    "emoticon" BIGINT NOT NULL,
    "locked" {bool} NOT NULL,
    "hold" BIGINT NOT NULL,
    "hits" BIGINT NOT NULL,
    "modified_by" BIGINT NOT NULL,
    "modified_ms" BIGINT,
    "modified_reason" TEXT NOT NULL,
    "deleted_by" BIGINT NOT NULL,
    "version" BIGINT NOT NULL
);

CREATE INDEX "forum_message_by_time" ON "forum_message" ("topic_id", "time_ms", "id", "hold", "user_id");
CREATE INDEX "forum_message_by_hold" ON "forum_message" ("hold", "topic_id", "id");
CREATE INDEX "forum_message_by_user" ON "forum_message" ("user_id", "id");

CREATE TABLE "forum_thanks" (
    "id" {id},
    "message_id" BIGINT NOT NULL REFERENCES "forum_message" ("id") ON DELETE CASCADE,
    "user_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "time_ms" BIGINT NOT NULL,
    UNIQUE ("message_id", "user_id")
);

CREATE INDEX "forum_thanks_by_user" ON "forum_thanks" ("user_id");

CREATE TABLE "forum_attachment" (
    "id" {id},
    "message_id" BIGINT NOT NULL REFERENCES "forum_message" ("id") ON DELETE CASCADE,
    "user_id" BIGINT NOT NULL,
    "filename" TEXT NOT NULL,
    "media_type" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "comment" TEXT NOT NULL
);

CREATE INDEX "forum_attachment_by_message" ON "forum_attachment" ("message_id", "id");
CREATE INDEX "forum_attachment_by_user" ON "forum_attachment" ("user_id");

CREATE TABLE "forum_subscription" (
    "id" {id},
    "category_id" BIGINT NOT NULL,
    "topic_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    UNIQUE ("user_id", "category_id", "topic_id")
);

CREATE INDEX "forum_subscription_by_subject" ON "forum_subscription" ("category_id", "topic_id", "id");

CREATE TABLE "forum_once" (
    "caller" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "answer" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    PRIMARY KEY ("caller", "idempotency_key")
);

CREATE INDEX "forum_once_created" ON "forum_once" ("created_ms");
