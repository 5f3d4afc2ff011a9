DROP TABLE "media_once";

ALTER TABLE "media_file" DROP COLUMN "version";
