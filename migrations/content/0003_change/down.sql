DROP INDEX "content_article_by_publish_down";
DROP INDEX "content_article_by_publish_up";
DROP TABLE "content_change";
