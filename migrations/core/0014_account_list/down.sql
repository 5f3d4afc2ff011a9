DROP INDEX "account_by_blocked";
