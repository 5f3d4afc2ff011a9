DROP TABLE "view_level_group";
DROP TABLE "view_level";
DROP TABLE "account_group";
DROP TABLE "user_group";
DROP TABLE "account";
