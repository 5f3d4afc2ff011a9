DROP TABLE "account_field_value";
DROP TABLE "account_field";
DROP TABLE "account_field_group";
