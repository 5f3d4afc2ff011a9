//! Writing by the site's own permissions: who may, what is kept, and what comes again.

use loggia_testkit::TestCall;
use serde_json::{Value, json};

use crate::library::{Library, MEMBERS, checked, titles};

/// What a call says: `ok`, or the code of its fault.
fn said(call: TestCall<'_>) -> String {
    let answer = call.json();
    let code = answer["error_code"].as_str();
    code.unwrap_or("ok").to_owned()
}

fn id_of(answer: &Value) -> i64 {
    let id = answer["id"].as_str().and_then(|id| id.parse().ok());
    id.unwrap_or_else(|| panic!("no id: {answer}"))
}

/// The version that an answer's entity tag begins with.
fn tag_of(call: TestCall<'_>) -> String {
    call.answer_header("etag").expect("an entity tag")
}

impl Library {
    fn act(&self, action: &str, resource: &str, id: i64) -> TestCall<'_> {
        self.host.call(action, resource).with("id", id)
    }

    fn post(&self, category: i64, title: &str) -> TestCall<'_> {
        self.host
            .call("post", "articles")
            .with("category", category)
            .with("title", title)
    }
}

#[test]
fn each_role_may_do_what_its_groups_say_and_no_more() {
    for site in Library::each() {
        let news = site.category("News", 0, &json!({}));
        let empty = site.category("Empty", 0, &json!({}));
        let tag = site.tag("Red", &json!({}));
        let callers: [(&str, i64, [&str; 8]); 5] = [
            ("member", site.member, ["CNT_ANA"; 8]),
            (
                "author",
                site.author,
                [
                    "ok", "CNT_ANA", "CNT_ANA", "CNT_ANA", "CNT_ANA", "CNT_ANA", "CNT_ANA",
                    "CNT_ANA",
                ],
            ),
            (
                "editor",
                site.editor,
                [
                    "ok", "ok", "ok", "CNT_ANA", "CNT_ANA", "CNT_ANA", "CNT_ANA", "CNT_ANA",
                ],
            ),
            (
                "publisher",
                site.publisher,
                [
                    "ok", "ok", "ok", "ok", "ok", "CNT_ANA", "CNT_ANA", "CNT_ANA",
                ],
            ),
            ("manager", site.manager, ["ok"; 8]),
        ];
        for (name, user, wanted) in callers {
            let of_others = site.article(&format!("For {name}"), news, &json!({}));
            let put = |resource: &str, id: i64| site.act("put", resource, id).as_user(user);
            let calls: [TestCall<'_>; 8] = [
                site.post(news, &format!("By {name}")).as_user(user),
                put("articles", of_others).with("title", format!("Changed by {name}")),
                site.act("get", "revisions", of_others).as_user(user),
                put("articles", of_others).with("featured", true),
                site.act("post", "archive", of_others).as_user(user),
                put("categories", empty).with("description", name),
                put("tags", tag).with("title", name),
                put("articles", of_others).with("created_by", site.member),
            ];
            let got: Vec<String> = calls.into_iter().map(said).collect();
            assert_eq!(got, wanted, "{name}");
        }
    }
}

#[test]
fn html_that_could_do_harm_is_left_out_unless_a_manager_writes_it() {
    let hostile = "<p class=\"lead\" onclick=\"steal()\">Hi <b>you</b><script>steal()</script>\
                   <iframe src=\"https://evil.example\"></iframe><a href=\"javascript:steal()\">there</a></p>";
    let clean = "<p class=\"lead\">Hi <b>you</b><a rel=\"noopener noreferrer\">there</a></p>";
    for site in Library::each() {
        let news = site.category("News", 0, &json!({}));
        for (user, state, kept) in [
            (site.author, 0, clean),
            (site.editor, 0, clean),
            (site.publisher, 1, clean),
            (site.manager, 1, hostile),
        ] {
            let read = |id: i64| {
                let read = site.act("get", "articles", id).with("state", state);
                read.as_operator().json()["content"].clone()
            };
            let post = site.post(news, &format!("By {user}")).as_user(user);
            let id = id_of(&post.with("introtext", hostile).json());
            assert_eq!(read(id), kept);
            let put = || site.act("put", "articles", id).as_user(user);
            assert_eq!(said(put().with("introtext", "")), "ok");
            assert_eq!(said(put().with("fulltext", hostile)), "ok");
            assert_eq!(read(id), kept);
        }
    }
}

#[test]
fn an_author_writes_drafts_that_only_he_and_editors_see() {
    for site in Library::each() {
        let news = site.category("News", 0, &json!({}));
        let saved = site.post(news, "Draft").as_user(site.author).json();
        let id = id_of(&saved);
        let read = |user: i64| site.act("get", "articles", id).as_user(user);
        assert_eq!(read(site.author).fault(), "CNT_ANF", "as any reader");
        let draft = read(site.author).with("state", 0).json();
        assert_eq!(
            (&draft["title"], &draft["author"]),
            (&json!("Draft"), &json!("author"))
        );
        checked("get/content/articles/{id}", draft);
        checked(
            "get/content/articles/{id}",
            read(site.editor).with("state", 0).json(),
        );
        assert_eq!(read(site.member).with("state", 0).fault(), "CNT_ANF");
        site.article("Of others", news, &json!({ "state": 0 }));
        let drafts = |user: i64| {
            let list = site.get("articles").with("state", 0).as_user(user);
            titles(&list.json())
        };
        assert_eq!(drafts(site.author), (vec!["Draft".into()], 1));
        assert_eq!(drafts(site.editor).1, 2);
        let list = site.get("articles").with("state", 0);
        assert_eq!(list.as_user(site.member).fault(), "CNT_ANA");
        for scopes in [&[][..], &["content.write"], &["*"]] {
            let by_key = |call: TestCall<'_>| said(call.with("state", 0).with_key(1, scopes));
            assert_eq!(by_key(site.get("articles")), "CNT_ANA");
            assert_eq!(by_key(site.act("get", "articles", id)), "CNT_ANF");
        }
        let own = site
            .act("put", "articles", id)
            .with("introtext", "<p>more</p>");
        assert_eq!(said(own.as_user(site.author)), "ok");
        let published = site.act("post", "publish", id);
        assert_eq!(said(published.as_user(site.author)), "CNT_ANA");
        assert_eq!(
            said(site.act("post", "publish", id).as_user(site.publisher)),
            "ok"
        );
        assert_eq!(
            site.act("get", "articles", id).json()["content"],
            "<p>more</p>"
        );
    }
}

#[test]
fn what_a_writer_may_not_see_he_cannot_write_to_either() {
    for site in Library::each() {
        // A view level of nobody's.
        let secret = site.category("Secret", 0, &json!({ "access": 99 }));
        let news = site.category("News", 0, &json!({}));
        let hidden = site.article("Hidden", secret, &json!({}));
        let hidden_alone = site.article("Hidden alone", news, &json!({ "access": 99 }));
        let by = |call: TestCall<'_>| said(call);
        assert_eq!(
            by(site.post(secret, "X").as_user(site.publisher)),
            "CNT_CNF"
        );
        for id in [hidden, hidden_alone] {
            let put = site.act("put", "articles", id).with("title", "X");
            assert_eq!(by(put.as_user(site.manager)), "CNT_ANF");
            let revisions = site.act("get", "revisions", id);
            assert_eq!(by(revisions.as_user(site.manager)), "CNT_ANF");
            assert_eq!(
                by(site.act("delete", "articles", id).as_user(site.manager)),
                "CNT_ANF"
            );
        }
        let taken = site.post(news, "Hidden alone").as_user(site.manager);
        assert_eq!(by(taken), "CNT_AAX");
        let level = site
            .post(news, "Y")
            .with("access", 99)
            .as_user(site.manager);
        assert_eq!(by(level), "REQ_PNV");
        let own = site
            .post(news, "Z")
            .with("access", MEMBERS)
            .as_user(site.author);
        assert_eq!(by(own), "ok");
    }
}

#[test]
fn a_change_of_what_has_been_changed_since_is_refused() {
    for site in Library::each() {
        let news = site.category("News", 0, &json!({}));
        let id = site.article("One", news, &json!({}));
        let read = || site.act("get", "articles", id);
        let tag = tag_of(read());
        assert!(tag.starts_with("\"1-"), "{tag}");
        let put = |title: &str, tag: &str| {
            let put = site.put("articles").with("id", id).with("title", title);
            said(put.header("if-match", tag))
        };
        assert_eq!(put("Two", &tag), "ok");
        assert_eq!(put("Three", &tag), "REQ_PCF");
        assert_eq!(read().json()["title"], "Two");
        assert_eq!(put("Three", &format!("\"x\", {}", tag_of(read()))), "ok");
        assert_eq!(put("Four", "*"), "ok");
        let gone = site.act("delete", "articles", id).as_operator();
        assert_eq!(said(gone.header("if-match", &tag)), "REQ_PCF");
        let category = site.put("categories").with("id", news).with("title", "New");
        assert_eq!(said(category.header("if-match", "\"7\"")), "REQ_PCF");
    }
}

#[test]
fn a_request_that_comes_again_with_its_key_adds_nothing() {
    for site in Library::each() {
        let news = site.category("News", 0, &json!({}));
        let post = |title: &str, user: i64| {
            let post = site.post(news, title).as_user(user);
            post.header("idempotency-key", "k-1").json()
        };
        let first = post("One", site.author);
        assert_eq!(first["added"], true);
        assert_eq!(post("One", site.author), first);
        assert_eq!(post("Two", site.author)["error_code"], "REQ_IKU");
        assert_eq!(
            post("One", site.editor)["error_code"],
            "CNT_AAX",
            "another's key"
        );
        let other = post("Two", site.editor);
        assert_eq!(other["added"], true, "what was refused has kept no key");
        let list = site.get("articles").with("state", 0).as_user(site.editor);
        assert_eq!(titles(&list.json()).1, 2);
    }
}

#[test]
fn each_change_is_a_revision_that_shows_what_changed_and_can_be_restored() {
    for site in Library::each_with(&json!({ "revisions": 3 })) {
        let news = site.category("News", 0, &json!({}));
        let red = site.tag("Red", &json!({}));
        let id = site.article("One", news, &json!({ "introtext": "a\nb", "tags": [red] }));
        let change = site.act("put", "articles", id).with("introtext", "a\nc");
        assert_eq!(said(change.as_user(site.editor)), "ok");
        let revisions = || site.act("get", "revisions", id).as_operator().json();
        let all = revisions();
        assert_eq!(all["total"], 2);
        let newest = &all["revisions"][0];
        assert_eq!(
            (&newest["version"], &newest["user"]),
            (&json!(2), &json!("editor"))
        );
        let show = site
            .act("get", "revision", id_of(newest))
            .as_user(site.editor);
        let shown = show.json();
        assert_eq!(shown["against"], all["revisions"][1]["id"]);
        let changes = shown["changes"].as_array().expect("changes");
        assert_eq!(changes.len(), 1, "{shown}");
        assert_eq!(changes[0]["member"], "introtext");
        assert!(
            changes[0]["diff"]
                .as_str()
                .expect("a diff")
                .contains("-b\n+c\n")
        );
        let oldest = id_of(&all["revisions"][1]);
        site.tag("Red", &json!({ "state": 1 }));
        assert_eq!(
            said(site.act("delete", "tags", red).as_user(site.manager)),
            "ok"
        );
        let restore = site.act("post", "restore", oldest).as_user(site.author);
        assert_eq!(said(restore), "CNT_ANA");
        let restore = site.act("post", "restore", oldest).as_user(site.editor);
        assert_eq!(said(restore), "ok");
        let one = site.act("get", "articles", id).json();
        assert_eq!(
            (&one["content"], &one["tags"]),
            (&json!("a\nb"), &json!([]))
        );
        for title in ["Three", "Four"] {
            site.saved("articles", &json!({ "id": id, "title": title }));
        }
        let versions: Vec<i64> = revisions()["revisions"]
            .as_array()
            .expect("revisions")
            .iter()
            .filter_map(|one| one["version"].as_i64())
            .collect();
        assert_eq!(versions, [5, 4, 3], "three are kept");
        let missing = site.act("get", "revision", oldest).as_operator();
        assert_eq!(missing.fault(), "CNT_RNF");
    }
}

#[test]
fn what_is_deleted_lies_in_the_trash_until_a_manager_deletes_it_again() {
    for site in Library::each() {
        let news = site.category("News", 0, &json!({}));
        let id = site.article("One", news, &json!({}));
        let delete = |user: i64| said(site.act("delete", "articles", id).as_user(user));
        assert_eq!(delete(site.editor), "CNT_ANA");
        assert_eq!(delete(site.publisher), "ok");
        assert_eq!(site.act("get", "articles", id).fault(), "CNT_ANF");
        assert_eq!(
            said(site.act("post", "publish", id).as_user(site.publisher)),
            "ok"
        );
        assert_eq!(site.act("get", "articles", id).json()["title"], "One");
        assert_eq!(delete(site.publisher), "ok");
        assert_eq!(delete(site.publisher), "CNT_ANA");
        let full = site.act("delete", "categories", news).as_user(site.manager);
        assert_eq!(said(full), "CNT_CNE");
        assert_eq!(delete(site.manager), "ok");
        assert_eq!(delete(site.manager), "CNT_ANF");
        let empty = site.act("delete", "categories", news).as_user(site.manager);
        assert_eq!(said(empty), "ok");
    }
}

#[test]
fn a_category_moves_with_everything_in_it() {
    for site in Library::each() {
        let top = site.category("Top", 0, &json!({}));
        let branch = site.category("Branch", 0, &json!({}));
        let leaf = site.category("Leaf", branch, &json!({}));
        site.article("In the leaf", leaf, &json!({}));
        let below = |id: i64| {
            let list = site.get("articles").with("catid", id).with("maxsubs", 9);
            titles(&list.json()).1
        };
        assert_eq!((below(top), below(branch)), (0, 1));
        let moved = |id: i64, parent: i64| {
            let put = site.act("put", "categories", id).with("parent", parent);
            said(put.as_user(site.manager))
        };
        assert_eq!(moved(branch, leaf), "REQ_PNV");
        assert_eq!(moved(branch, top), "ok");
        assert_eq!((below(top), below(branch)), (1, 1));
        let level = site.act("get", "categories", leaf).json()["level"].clone();
        assert_eq!(level, "3");
        // The state of what lies above now counts.
        site.saved("categories", &json!({ "id": top, "state": 0 }));
        assert_eq!(below(branch), 0);
    }
}

#[test]
fn what_view_levels_hide_from_a_manager_is_not_his_to_change() {
    for site in Library::each() {
        let news = site.category("News", 0, &json!({}));
        let hidden = site.category("Hidden", 0, &json!({ "access": 6 }));
        let tag = site.tag("Secret", &json!({ "access": 6 }));
        let id = site.article("Open", news, &json!({ "tags": [tag] }));
        let as_manager = |action: &str, resource: &str, id: i64| {
            site.act(action, resource, id).as_user(site.manager)
        };
        for action in ["put", "delete"] {
            assert_eq!(said(as_manager(action, "categories", hidden)), "CNT_CNF");
            assert_eq!(said(as_manager(action, "tags", tag)), "CNT_TNF");
        }
        let below = as_manager("put", "categories", news).with("parent", hidden);
        assert_eq!(said(below), "CNT_CNF");
        let again = site.host.call("put", "tags").with("title", "Secret");
        assert_eq!(said(again.as_user(site.manager)), "CNT_AAX");
        // A tag that he does not see is none that he could give or take away.
        let tagged = |tags: Value| as_manager("put", "articles", id).with("tags", tags);
        assert_eq!(said(tagged(json!([tag]))), "CNT_TNF");
        assert_eq!(said(tagged(json!([]))), "ok");
        let kept = site.host.call("get", "records").as_operator();
        let kept = kept.with("kind", "article").json();
        assert_eq!(kept["records"][0]["tags"], json!([tag]));
    }
}

#[test]
fn a_list_is_read_by_cursor_to_its_end_in_every_order() {
    for site in Library::each() {
        let news = site.category("News", 0, &json!({}));
        for number in 0..7 {
            let more = json!({ "ordering": number / 3, "featured": number % 2 == 0 });
            site.article(&format!("Article {number}"), news, &more);
        }
        let orders = [
            "id",
            "title",
            "alias",
            "catid",
            "state",
            "created",
            "created_by",
            "ordering",
            "hits",
        ];
        for (orderby, orderdir) in orders.iter().flat_map(|by| [(by, "asc"), (by, "desc")]) {
            let list = || {
                let list = site.get("articles").with("orderby", *orderby);
                list.with("orderdir", orderdir)
            };
            let whole = titles(&list().json()).0;
            let (mut cursor, mut read) = (String::new(), Vec::new());
            loop {
                let page = list()
                    .with("cursor", cursor.as_str())
                    .with("limit", 3)
                    .json();
                assert_eq!(page["total"], 7);
                read.extend(titles(&page).0);
                cursor = page["next"].as_str().expect("a cursor").to_owned();
                if cursor.is_empty() {
                    break;
                }
            }
            assert_eq!(read, whole, "{orderby} {orderdir}");
        }
        let by_id = site
            .get("articles")
            .with("cursor", "")
            .with("limit", 2)
            .with("orderby", "id");
        let cursor = by_id.json()["next"].clone();
        let other = site
            .get("articles")
            .with("cursor", cursor)
            .with("orderby", "title");
        assert_eq!(other.fault(), "REQ_PNV");
        assert_eq!(site.get("articles").with("cursor", "x").fault(), "REQ_PNV");
        let some = site
            .get("articles")
            .with("fields", "id,title")
            .with("limit", 1)
            .json();
        let entry = some["articles"][0].as_object().expect("an entry");
        assert_eq!(entry.keys().collect::<Vec<_>>(), ["id", "title"]);
        assert_eq!(
            site.get("articles").with("fields", "secret").fault(),
            "REQ_PNV"
        );
    }
}
