DROP TABLE "push_event";
DROP TABLE "push_hook";
