DROP INDEX "content_article_by_publish_up";
CREATE INDEX "content_article_by_publish_up" ON "content_article" ("publish_up_ms") WHERE "publish_up_ms" IS NOT NULL;
DROP INDEX "content_article_by_publish_down";
CREATE INDEX "content_article_by_publish_down" ON "content_article" ("publish_down_ms") WHERE "publish_down_ms" IS NOT NULL;
