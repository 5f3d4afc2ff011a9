DROP TABLE "loopback_notification";
