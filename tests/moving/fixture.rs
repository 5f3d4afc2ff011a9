//! A Joomla site as its database holds it: the tables with the columns that are read, and some rows. Both are facts of
//! Joomla's public schema, in a form of our own.

mod extensions;
pub(crate) mod push;

pub(crate) use extensions::{ROWS, TYPE, tables as extension_tables};

/// The versions, which differ in columns and in how they write that there is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Three,
    Five,
}

impl Version {
    /// Both.
    pub(crate) const ALL: [Version; 2] = [Version::Three, Version::Five];

    /// How a time that is none stands in a column.
    fn no_time(self) -> &'static str {
        match self {
            Version::Three => "'0000-00-00 00:00:00'",
            Version::Five => "NULL",
        }
    }
}

/// Columns of times: never NULL in Joomla 3 on MySQL, where zeros stand for no time.
fn time(version: Version, is_mariadb: bool) -> &'static str {
    match (version, is_mariadb) {
        (Version::Three, true) => "DATETIME NOT NULL",
        (_, true) => "DATETIME NULL",
        (_, false) => "TIMESTAMP NULL",
    }
}

/// The statements that make the tables of Joomla itself and of jBackend.
pub(crate) fn tables(version: Version, is_mariadb: bool) -> String {
    let time = time(version, is_mariadb);
    let featured_times = match version {
        Version::Three => String::new(),
        Version::Five => format!(", \"featured_up\" {time}, \"featured_down\" {time}"),
    };
    format!(
        r#"
CREATE TABLE "jos_usergroups" ("id" INT NOT NULL PRIMARY KEY, "parent_id" INT NOT NULL, "lft" INT NOT NULL,
    "rgt" INT NOT NULL, "title" VARCHAR(100) NOT NULL);
CREATE TABLE "jos_viewlevels" ("id" INT NOT NULL PRIMARY KEY, "title" VARCHAR(100) NOT NULL, "ordering" INT NOT NULL,
    "rules" VARCHAR(5120) NOT NULL);
CREATE TABLE "jos_users" ("id" INT NOT NULL PRIMARY KEY, "name" VARCHAR(400) NOT NULL, "username" VARCHAR(150) NOT NULL,
    "email" VARCHAR(100) NOT NULL, "password" VARCHAR(100) NOT NULL, "block" SMALLINT NOT NULL,
    "sendEmail" SMALLINT NULL, "registerDate" {time}, "lastvisitDate" {time}, "activation" VARCHAR(100) NOT NULL,
    "params" TEXT NOT NULL);
CREATE TABLE "jos_user_usergroup_map" ("user_id" INT NOT NULL, "group_id" INT NOT NULL,
    PRIMARY KEY ("user_id", "group_id"));
CREATE TABLE "jos_categories" ("id" INT NOT NULL PRIMARY KEY, "parent_id" INT NOT NULL, "lft" INT NOT NULL,
    "rgt" INT NOT NULL, "level" INT NOT NULL, "extension" VARCHAR(50) NOT NULL, "title" VARCHAR(255) NOT NULL,
    "alias" VARCHAR(400) NOT NULL, "description" TEXT, "published" SMALLINT NOT NULL, "access" INT NOT NULL,
    "params" TEXT, "metadesc" VARCHAR(1024) NOT NULL, "metakey" VARCHAR(1024) NOT NULL, "metadata" TEXT NOT NULL,
    "language" VARCHAR(7) NOT NULL);
CREATE TABLE "jos_content" ("id" INT NOT NULL PRIMARY KEY, "title" VARCHAR(255) NOT NULL, "alias" VARCHAR(400) NOT NULL,
    "introtext" TEXT NOT NULL, "fulltext" TEXT NOT NULL, "state" SMALLINT NOT NULL, "catid" INT NOT NULL,
    "created" {time}, "created_by" INT NOT NULL, "created_by_alias" VARCHAR(255) NOT NULL, "modified" {time},
    "modified_by" INT NOT NULL, "publish_up" {time}, "publish_down" {time}, "images" TEXT NOT NULL,
    "ordering" INT NOT NULL, "metakey" TEXT, "metadesc" TEXT NOT NULL, "access" INT NOT NULL, "hits" INT NOT NULL,
    "metadata" TEXT NOT NULL, "featured" SMALLINT NOT NULL, "language" CHAR(7) NOT NULL);
CREATE TABLE "jos_content_frontpage" ("content_id" INT NOT NULL PRIMARY KEY, "ordering" INT NOT NULL{featured_times});
CREATE TABLE "jos_tags" ("id" INT NOT NULL PRIMARY KEY, "parent_id" INT NOT NULL, "lft" INT NOT NULL,
    "title" VARCHAR(255) NOT NULL, "alias" VARCHAR(400) NOT NULL, "published" SMALLINT NOT NULL,
    "access" INT NOT NULL);
CREATE TABLE "jos_contentitem_tag_map" ("type_alias" VARCHAR(255) NOT NULL, "core_content_id" INT NOT NULL,
    "content_item_id" INT NOT NULL, "tag_id" INT NOT NULL, "type_id" INT NOT NULL);
CREATE TABLE "jos_menu" ("id" INT NOT NULL PRIMARY KEY, "menutype" VARCHAR(24) NOT NULL, "title" VARCHAR(255) NOT NULL,
    "alias" VARCHAR(400) NOT NULL, "note" VARCHAR(255) NOT NULL, "path" VARCHAR(1024) NOT NULL,
    "link" VARCHAR(1024) NOT NULL, "type" VARCHAR(16) NOT NULL, "published" SMALLINT NOT NULL,
    "parent_id" INT NOT NULL, "level" INT NOT NULL, "component_id" INT NOT NULL, "access" INT NOT NULL,
    "params" TEXT NOT NULL, "lft" INT NOT NULL, "rgt" INT NOT NULL, "home" SMALLINT NOT NULL,
    "language" CHAR(7) NOT NULL, "client_id" SMALLINT NOT NULL, "browserNav" SMALLINT NOT NULL, "img" VARCHAR(255));
CREATE TABLE "jos_jbackend_keys" ("id" INT NOT NULL PRIMARY KEY, "key" VARCHAR(255) NOT NULL, "user_id" INT NOT NULL,
    "daily_requests" INT NOT NULL, "expiration_date" {time}, "comment" VARCHAR(255), "hits" INT NOT NULL,
    "last_visit" {time}, "current_day" {time}, "current_hits" INT NOT NULL, "ordering" INT NOT NULL,
    "published" SMALLINT NOT NULL);
CREATE TABLE "jos_jbackend_logs" ("id" INT NOT NULL PRIMARY KEY, "endpoint" INT NOT NULL);
"#
    )
}

/// The password of every account, in the ways that Joomla has stored it over the years.
pub(crate) const PASSWORD: &str = "test12345";
/// The accounts that can log in, by id and name.
pub(crate) const ACCOUNTS: [(i64, &str); 3] = [(620, "phpass"), (621, "md5"), (622, "Salted")];
/// A key of jBackend.
pub(crate) const KEY: &str = "AB12CD34EF56GH78IJ90";

/// The statements that add the rows.
pub(crate) fn rows(version: Version, is_mariadb: bool) -> String {
    // PostgreSQL never had zeros for no time.
    let none = if is_mariadb {
        version.no_time()
    } else {
        "NULL"
    };
    let front = match version {
        Version::Three => "(1, 1);",
        Version::Five => {
            "(1, 1, NULL, NULL), (2, 2, '2020-01-01 00:00:00', '2020-02-01 00:00:00');"
        }
    };
    format!(
        r#"
INSERT INTO "jos_usergroups" VALUES (1, 0, 1, 20, 'Public'), (2, 1, 8, 15, 'Registered'), (3, 2, 9, 14, 'Author'),
    (4, 3, 10, 13, 'Editor'), (5, 4, 11, 12, 'Publisher'), (6, 1, 4, 7, 'Manager'), (7, 6, 5, 6, 'Administrator'),
    (8, 1, 16, 17, 'Super Users'), (9, 1, 2, 3, 'Guest'), (10, 11, 21, 22, 'Readers'), (11, 2, 20, 23, 'Members'),
    (12, 1, 24, 25, 'Members');
INSERT INTO "jos_viewlevels" VALUES (1, 'Public', 0, '[1]'), (2, 'Registered', 2, '[6,2,8]'),
    (3, 'Special', 3, '[6,3,8]'), (5, 'Guest', 1, '[9]'), (6, 'Super Users', 4, '[8]'), (7, 'Readers', 5, '[10,99]');
INSERT INTO "jos_users" VALUES
    (620, 'Ada Lovelace', 'phpass', 'ada@example.org', '$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0', 0, 0,
     '2015-03-04 05:06:07', '2020-01-02 03:04:05', '', '{{"language":"de-DE"}}'),
    (621, 'Grace', 'md5', 'grace@example.org', 'c06db68e819be6ec3d26c6038d8e8d1f', 0, 1, '2015-03-04 05:06:07', {none}, '', '{{}}'),
    (622, 'Jürgen "J" O''Neill', 'Salted', 'juergen@example.org',
     '41ea258a8e64dd3d03fc011a38df2046:saltsaltsaltsaltsaltsaltsaltsalt', 0, 0, '2016-01-01 00:00:00', {none}, '', ''),
    (623, 'Blocked', 'blocked', 'blocked@example.org', 'plain', 1, 0, '2016-01-01 00:00:00', {none}, 'x', ''),
    (624, 'Twice', 'twice', 'ADA@example.org', '', 0, 0, '2016-01-01 00:00:00', {none}, '', '');
INSERT INTO "jos_user_usergroup_map" VALUES (620, 8), (620, 2), (621, 2), (622, 10), (623, 2), (624, 2);
INSERT INTO "jos_categories" VALUES
    (1, 0, 0, 99, 0, 'system', 'ROOT', 'root', '', 1, 1, '', '', '', '', '*'),
    (2, 1, 1, 2, 1, 'com_content', 'Uncategorised', 'uncategorised', '', 1, 1, '{{}}', '', '',
     '{{"page_title":"","author":"","robots":""}}', '*'),
    (8, 9, 12, 13, 2, 'com_content', 'Events', 'events', '<p>What comes</p>', 1, 1, '{{}}', 'All events', 'a,b',
     '{{"page_title":"Events!","author":"Ada","robots":"noindex, follow"}}', '*'),
    (9, 1, 11, 16, 1, 'com_content', 'News', 'news', '', 1, 1, '{{}}', '', '', '', '*'),
    (10, 9, 14, 15, 2, 'com_content', 'Readers', 'readers', '', 1, 7, '{{}}', '', '', '', '*'),
    (11, 1, 17, 18, 1, 'com_contact', 'Contacts', 'contacts', '', 1, 1, '{{}}', '', '', '', '*');
INSERT INTO "jos_tags" VALUES (1, 0, 0, 'ROOT', 'root', 1, 1), (2, 1, 1, 'Öffnung', 'oeffnung', 1, 1),
    (3, 1, 3, 'Hidden', 'hidden', 0, 1);
INSERT INTO "jos_content" VALUES
    (1, 'We are "open"', 'we-are-open', '<p>It''s open; \\o/</p>', '<p>Ünïcödé 🎉</p>', 1, 9, '2019-05-06 07:08:09', 620, '',
     {none}, 0, '2019-05-06 07:08:09', {none},
     '{{"image_intro":"images/a.png","float_intro":"","image_intro_alt":"A","image_intro_caption":"","image_fulltext":"","float_fulltext":"","image_fulltext_alt":"","image_fulltext_caption":""}}',
     3, 'k', 'd', 1, 17, '{{"robots":"","author":"","rights":"(c)","xreference":""}}', 1, '*'),
    (2, 'By hand', 'by-hand', '<p>Intro</p>', '', 1, 8, '2019-05-07 00:00:00', 621, 'The team', '2019-06-01 10:00:00', 620,
     {none}, {none}, '', 1, '', '', 1, 2, '', 0, 'en-GB'),
    (3, 'For readers', 'for-readers', 'x', 'y', 1, 10, '2019-05-08 00:00:00', 622, '', {none}, 0, {none}, {none}, '{{}}',
     1, '', '', 7, 0, '{{}}', 0, '*'),
    (4, 'Trashed', 'we-are-open', 'x', '', -2, 9, '2019-05-08 00:00:00', 999, '', {none}, 0, {none}, {none}, '{{}}',
     2, '', '', 1, 0, '{{}}', 0, '*'),
    (7, 'Over', 'over', 'x', '', 1, 9, '2019-05-08 00:00:00', 620, '', {none}, 0, '2019-01-01 00:00:00',
     '2020-01-01 00:00:00', '{{}}', 5, '', '', 1, 0, '{{}}', 0, '*');
INSERT INTO "jos_content_frontpage" VALUES {front}
INSERT INTO "jos_contentitem_tag_map" VALUES ('com_content.article', 1, 1, 2, 1), ('com_content.article', 1, 1, 3, 1),
    ('com_content.article', 2, 2, 2, 1), ('com_content.category', 2, 2, 3, 1), ('com_content.article', 3, 3, 77, 1);
INSERT INTO "jos_menu" VALUES
    (1, '', 'Menu_Item_Root', 'root', '', '', '', '', 1, 0, 0, 0, 0, '', 0, 99, 0, '*', 0, 0, ''),
    (101, 'api', 'The API', 'api', '', 'services/api', 'index.php?option=com_jbackend&view=request', 'component', 1, 1,
     1, 700, 1, '{{"access_type":"user","enable_trace":"1","enabled_modules":"0","selected_modules":["user","content"]}}',
     1, 2, 0, '*', 0, 0, ''),
    (102, 'api', 'Old', 'old', '', 'old', 'index.php?option=com_jbackend&view=request', 'component', 0, 1, 1, 700, 1,
     '{{"access_type":"free"}}', 3, 4, 0, '*', 0, 0, ''),
    (103, 'mainmenu', 'Home', 'home', '', 'home', 'index.php?option=com_content&view=featured', 'component', 1, 1, 1, 22,
     1, '{{}}', 5, 6, 1, '*', 0, 0, '');
INSERT INTO "jos_jbackend_keys" VALUES
    (3, '{KEY}', 0, 3, {none}, 'the app', 12, '2020-01-02 03:04:05', '2020-01-02 00:00:00', 2, 1, 1),
    (4, 'short', 620, 0, '2020-01-01 00:00:00', NULL, 0, {none}, {none}, 0, 2, 1);
INSERT INTO "jos_jbackend_logs" VALUES (1, 101), (2, 101);
"#
    )
}
