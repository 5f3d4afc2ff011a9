DROP TABLE "content_article_tag";
DROP TABLE "content_tag";
DROP TABLE "content_article";
DROP TABLE "content_category_ancestor";
DROP TABLE "content_category";
