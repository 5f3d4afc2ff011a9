CREATE TABLE "menu_menu" (
    "id" {id},
    "menutype" TEXT NOT NULL UNIQUE,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL
);

CREATE TABLE "menu_item" (
    "id" {id},
    "menu_id" BIGINT NOT NULL REFERENCES "menu_menu" ("id"),
    "parent_id" BIGINT NOT NULL,
    "level" BIGINT NOT NULL,
    "position" BIGINT NOT NULL,
    "place" BIGINT NOT NULL,
    "title" TEXT NOT NULL,
    "alias" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "link" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "home" {bool} NOT NULL,
    "browser_navigation" BIGINT NOT NULL,
    "params" {json} NOT NULL,
    "language" TEXT NOT NULL,
    "state" BIGINT NOT NULL,
    "view_level_id" BIGINT NOT NULL,
    "publish_up_ms" BIGINT,
    "publish_down_ms" BIGINT,
    UNIQUE ("menu_id", "parent_id", "alias", "language")
);

CREATE INDEX "menu_item_by_place" ON "menu_item" ("menu_id", "place");

CREATE TABLE "menu_item_ancestor" (
    "item_id" BIGINT NOT NULL REFERENCES "menu_item" ("id") ON DELETE CASCADE,
    "ancestor_id" BIGINT NOT NULL REFERENCES "menu_item" ("id") ON DELETE CASCADE,
    PRIMARY KEY ("item_id", "ancestor_id")
);

CREATE INDEX "menu_item_ancestor_by_ancestor" ON "menu_item_ancestor" ("ancestor_id", "item_id");
