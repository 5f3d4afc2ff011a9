DROP TABLE "release_state";
DROP TABLE "release_download";
DROP TABLE "release_licence_site";
DROP TABLE "release_licence";
DROP TABLE "release_package";
DROP TABLE "release_product";
DROP TABLE "release_group_user_group";
DROP TABLE "release_group";
