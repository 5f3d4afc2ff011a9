DROP TABLE "channel_state";
DROP TABLE "channel_presence";
DROP TABLE "channel_target";
DROP TABLE "channel_message";
