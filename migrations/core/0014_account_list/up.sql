CREATE INDEX "account_by_blocked" ON "account" ("blocked", "id");
