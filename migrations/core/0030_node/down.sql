DROP TABLE "node_answer";
DROP TABLE "node_command";
DROP TABLE "node";
