//! An article as the contract shows it.

use std::collections::HashMap;

use loggia_sdk::prelude::*;
use loggia_site::{clock, media, picture};
use loggia_sql::JsonText;
use serde::de::DeserializeOwned;
use url::Url;

use crate::Content;
use crate::sight::Sight;
use crate::store::article::ArticleRow;
use crate::store::{category, tag};

/// The images of an article.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Images {
    /// The address of the image of the introduction; of a file in the module media, `media:` and its id.
    image_intro: String,
    /// On which side it stands.
    float_intro: String,
    /// What stands for it where it is not shown.
    image_intro_alt: String,
    /// The text below it.
    image_intro_caption: String,
    /// The address of the image of the full text, alike.
    image_fulltext: String,
    /// On which side it stands.
    float_fulltext: String,
    /// What stands for it where it is not shown.
    image_fulltext_alt: String,
    /// The text below it.
    image_fulltext_caption: String,
}

impl Images {
    /// The addresses, each with the name of its member.
    fn addresses(&mut self) -> [(&'static str, &mut String); 2] {
        [
            ("images.image_intro", &mut self.image_intro),
            ("images.image_fulltext", &mut self.image_fulltext),
        ]
    }

    /// What a client gives, as it is kept.
    pub(crate) fn kept(mut self, call: &Call<'_>) -> Result<Self, Fault> {
        for (name, address) in self.addresses() {
            let given = std::mem::take(address);
            *address =
                media::kept(call.base_url(), given).map_err(|rule| Fault::parameter(name, rule))?;
        }
        Ok(self)
    }
}

/// Facts for search engines.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Metadata {
    /// What robots may do.
    robots: String,
    /// The author.
    author: String,
    /// Who may use it.
    rights: String,
    /// A reference to another source.
    xreference: String,
}

/// A tag of an article.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct TagFacts {
    /// The id.
    id: String,
    /// The title.
    title: String,
    /// What stands for the title in addresses.
    alias: String,
}

/// What lists and single articles show alike.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct Item {
    /// The id.
    id: String,
    /// The title.
    title: String,
    /// What stands for the title in addresses.
    alias: String,
    /// 1 where it is featured, else 0.
    featured: String,
    /// Introduction and full text, HTML.
    content: String,
    /// Its images.
    images: Images,
    /// Its tags; in lists where the settings say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<TagFacts>>,
    /// The description for search engines.
    metadesc: String,
    /// The key words for search engines.
    metakey: String,
    /// Further facts for search engines.
    metadata: Metadata,
    /// The title of its category.
    category_title: String,
    /// Who wrote it.
    author: String,
    /// Since when it is published, in UTC.
    published_date: String,
}

impl Item {
    /// About how much memory its texts take.
    pub(crate) fn bytes(&self) -> usize {
        self.content.len() + self.title.len() + self.metadesc.len() + self.metakey.len()
    }
}

/// Makes the items of articles, with one statement for all their categories and one for all their tags.
pub(crate) fn items(
    content: &Content,
    call: &Call<'_>,
    sight: &Sight,
    rows: Vec<ArticleRow>,
    with_tags: bool,
) -> Result<Vec<Item>, Fault> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut categories: Vec<i64> = rows.iter().map(|row| row.category_id).collect();
    categories.sort_unstable();
    categories.dedup();
    let root = picture::root(&content.settings.image_url, call);
    let mut connection = call.database()?;
    let titles: HashMap<i64, String> = category::titles(&mut connection, &categories)?
        .into_iter()
        .collect();
    let mut tags: HashMap<i64, Vec<TagFacts>> = HashMap::new();
    if with_tags {
        let articles: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let levels = sight.levels.as_deref();
        for (article, row) in tag::of_articles(&mut connection, levels, &articles)? {
            tags.entry(article).or_default().push(TagFacts {
                id: row.id.to_string(),
                title: row.title,
                alias: row.alias,
            });
        }
    }
    rows.into_iter()
        .map(|row| {
            let title = titles.get(&row.category_id).cloned().unwrap_or_default();
            let tags = with_tags.then(|| tags.remove(&row.id).unwrap_or_default());
            item(content, call.base_url(), root.as_ref(), row, title, tags)
        })
        .collect()
}

fn item(
    content: &Content,
    base_url: &str,
    root: Option<&Url>,
    row: ArticleRow,
    category_title: String,
    tags: Option<Vec<TagFacts>>,
) -> Result<Item, Fault> {
    let settings = &content.settings;
    let mut images: Images = document(&row.images)?;
    for (_, image) in images.addresses() {
        *image = media::shown(base_url, std::mem::take(image));
        if settings.full_image_url {
            *image = picture::absolute(root, image);
        }
    }
    let author = row.shown_author().to_owned();
    let mut text = row.introduction + &row.full_text;
    if settings.force_full_image_url_in_content {
        text = picture::absolute_inside(root, &text);
    }
    Ok(Item {
        id: row.id.to_string(),
        title: row.title,
        alias: row.alias,
        featured: i64::from(row.featured).to_string(),
        content: text,
        images,
        tags,
        metadesc: row.metadesc,
        metakey: row.metakey,
        metadata: document(&row.metadata)?,
        category_title,
        author,
        published_date: clock::written(row.publish_up_ms.unwrap_or(row.created_ms)),
    })
}

fn document<T: DeserializeOwned>(text: &JsonText) -> Result<T, Fault> {
    serde_json::from_str(&text.0).map_err(Fault::internal)
}
