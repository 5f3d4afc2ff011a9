DROP TABLE "profiles_value";
DROP TABLE "profiles_field";
