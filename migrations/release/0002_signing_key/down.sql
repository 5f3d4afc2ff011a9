DROP TABLE "release_signing_key";
