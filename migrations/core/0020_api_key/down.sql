DROP TABLE "api_key_version";
DROP TABLE "quota_node";
DROP TABLE "api_key_share";
DROP TABLE "api_key_usage";
DROP TABLE "api_key_secret";
DROP TABLE "api_key";
