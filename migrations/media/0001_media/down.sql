DROP TABLE "media_account";
DROP TABLE "media_thumbnail";
DROP TABLE "media_file";
