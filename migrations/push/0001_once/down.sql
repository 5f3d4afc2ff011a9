DROP TABLE "push_once";
