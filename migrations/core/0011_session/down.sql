DROP TABLE "throttle";
DROP TABLE "account_token";
DROP TABLE "session";
