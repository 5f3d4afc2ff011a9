DROP TABLE "push_receipt";
DROP TABLE "push_claim";
DROP TABLE "push_delivery";
DROP TABLE "push_notification";
DROP TABLE "push_preference";
DROP TABLE "push_subscription";
DROP TABLE "push_device";
DROP TABLE "push_application";
