DROP TABLE "content_once";
DROP TABLE "content_revision";
ALTER TABLE "content_article" DROP COLUMN "modified_by";
ALTER TABLE "content_article" DROP COLUMN "modified_ms";
ALTER TABLE "content_article" DROP COLUMN "version";
ALTER TABLE "content_category" DROP COLUMN "version";
