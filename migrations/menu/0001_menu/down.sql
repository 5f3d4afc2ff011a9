DROP TABLE "menu_item_ancestor";
DROP TABLE "menu_item";
DROP TABLE "menu_menu";
