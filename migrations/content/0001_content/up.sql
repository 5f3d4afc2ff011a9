CREATE TABLE "content_category" (
    "id" {id},
    "parent_id" BIGINT NOT NULL,
    "level" BIGINT NOT NULL,
    "position" BIGINT NOT NULL,
    "title" TEXT NOT NULL,
    "alias" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "metadesc" TEXT NOT NULL,
    "metakey" TEXT NOT NULL,
    "page_title" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "robots" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "state" BIGINT NOT NULL,
    "view_level_id" BIGINT NOT NULL,
    UNIQUE ("parent_id", "alias")
);

CREATE TABLE "content_category_ancestor" (
    "category_id" BIGINT NOT NULL REFERENCES "content_category" ("id") ON DELETE CASCADE,
    "ancestor_id" BIGINT NOT NULL REFERENCES "content_category" ("id") ON DELETE CASCADE,
    "distance" BIGINT NOT NULL,
    PRIMARY KEY ("category_id", "ancestor_id")
);

CREATE INDEX "content_category_ancestor_by_ancestor"
    ON "content_category_ancestor" ("ancestor_id", "distance", "category_id");

CREATE TABLE "content_article" (
    "id" {id},
    "category_id" BIGINT NOT NULL REFERENCES "content_category" ("id"),
    "title" TEXT NOT NULL,
    "alias" TEXT NOT NULL,
    "introduction" TEXT NOT NULL,
    "full_text" TEXT NOT NULL,
    "featured" {bool} NOT NULL,
    "position" BIGINT NOT NULL,
    "hits" BIGINT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    "created_by" BIGINT NOT NULL,
    "author_name" TEXT NOT NULL,
    "author_alias" TEXT NOT NULL,
    "publish_up_ms" BIGINT,
    "publish_down_ms" BIGINT,
    "metadesc" TEXT NOT NULL,
    "metakey" TEXT NOT NULL,
    "metadata" {json} NOT NULL,
    "images" {json} NOT NULL,
    "language" TEXT NOT NULL,
    "state" BIGINT NOT NULL,
    "view_level_id" BIGINT NOT NULL,
    UNIQUE ("category_id", "alias")
);

CREATE INDEX "content_article_by_position" ON "content_article" ("position", "id");
CREATE INDEX "content_article_by_created" ON "content_article" ("created_ms", "id");
CREATE INDEX "content_article_by_author" ON "content_article" ("created_by");

CREATE TABLE "content_tag" (
    "id" {id},
    "title" TEXT NOT NULL,
    "alias" TEXT NOT NULL UNIQUE,
    "state" BIGINT NOT NULL,
    "view_level_id" BIGINT NOT NULL
);

CREATE TABLE "content_article_tag" (
    "article_id" BIGINT NOT NULL REFERENCES "content_article" ("id") ON DELETE CASCADE,
    "tag_id" BIGINT NOT NULL REFERENCES "content_tag" ("id") ON DELETE CASCADE,
    PRIMARY KEY ("article_id", "tag_id")
);

CREATE INDEX "content_article_tag_by_tag" ON "content_article_tag" ("tag_id", "article_id");
