//! The index: its fields, what a document becomes in it, and its parts opened for searching.

use std::sync::{Arc, LazyLock};

use tantivy::columnar::{Column, ColumnValues, StrColumn};
use tantivy::index::{InvertedIndexReader, SegmentId};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::store::Compressor;
use tantivy::tokenizer::TokenizerManager;
use tantivy::{Index, IndexSettings, Opstamp, SegmentReader, TantivyDocument, Term};

use super::analysis::{ANALYSER, Analyser, BREAK, Words};
use super::bits::Bits;
use super::class::Class;
use super::entry::Document;
use super::frequent::Frequent;
use super::sequence::Sequences;
use super::visible::Readers;

/// The fields; every index has the same.
pub(super) static FIELDS: LazyLock<Fields> = LazyLock::new(Fields::new);

/// What a document is found by, and what it is chosen and ordered by.
pub(super) struct Fields {
    pub(super) schema: Schema,
    /// The number of its row.
    pub(super) number: Field,
    /// Its words.
    pub(super) words: Field,
    class: Field,
    title: Field,
    epoch: Field,
    created: Field,
    popularity: Field,
    up: Field,
    down: Field,
}

/// The characters of a title that decide its place in the alphabet.
const TITLE_CHARACTERS: usize = 100;

impl Fields {
    fn new() -> Self {
        let mut schema = Schema::builder();
        let words = TextFieldIndexing::default()
            .set_tokenizer(ANALYSER)
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = || TextOptions::default().set_fast("raw");
        Fields {
            number: schema.add_u64_field("number", INDEXED | FAST),
            words: schema
                .add_text_field("words", TextOptions::default().set_indexing_options(words)),
            class: schema.add_text_field("class", text()),
            title: schema.add_text_field("title", text()),
            epoch: schema.add_i64_field("epoch", FAST),
            created: schema.add_i64_field("created", FAST),
            popularity: schema.add_i64_field("popularity", FAST),
            up: schema.add_i64_field("up", FAST),
            down: schema.add_i64_field("down", FAST),
            schema: schema.build(),
        }
    }

    /// The term by which a row's document is known.
    pub(super) fn number_term(&self, number: i64) -> Term {
        Term::from_field_u64(self.number, number.cast_unsigned())
    }

    /// A row's document as the index takes it. Texts that say no language of their own are in the site's.
    pub(super) fn document(
        &self,
        row: &Row,
        document: &Document,
        site_language: &str,
    ) -> TantivyDocument {
        let mut indexed = TantivyDocument::new();
        indexed.add_u64(self.number, row.number.cast_unsigned());
        indexed.add_i64(self.epoch, row.epoch);
        indexed.add_text(self.words, words(document, site_language));
        indexed.add_text(self.class, Class::of(document).written());
        indexed.add_text(self.title, title_key(&document.title));
        indexed.add_i64(self.created, document.created_ms);
        indexed.add_i64(self.popularity, document.popularity);
        if let Some(up) = document.publish_up_ms {
            indexed.add_i64(self.up, up);
        }
        if let Some(down) = document.publish_down_ms {
            indexed.add_i64(self.down, down);
        }
        indexed
    }
}

/// A row as an index takes it.
#[derive(Debug)]
pub(super) struct Row {
    /// The number of the row.
    pub(super) number: i64,
    /// When it was written.
    pub(super) epoch: i64,
    /// What it says; `None` where it was withdrawn.
    pub(super) document: Option<Document>,
}

/// The language in which a document's words are stemmed.
pub(super) fn language_of<'d>(document: &'d Document, site_language: &'d str) -> &'d str {
    match document.language.as_str() {
        "" | "*" => site_language,
        language => language,
    }
}

fn words(document: &Document, site_language: &str) -> String {
    let language = language_of(document, site_language);
    let tag = language.lines().next().unwrap_or_default();
    let Document {
        title,
        text,
        metadesc,
        metakey,
        ..
    } = document;
    format!("{tag}\n{title}{BREAK}{text}{BREAK}{metadesc}{BREAK}{metakey}")
}

/// What titles are ordered by: their words in small letters without marks.
fn title_key(title: &str) -> String {
    let mut words = Words::of(title);
    let mut key = String::new();
    while key.len() < TITLE_CHARACTERS && words.advance() {
        key.push_str(&words.folded);
        key.push(' ');
    }
    key
}

/// What every index is made with.
pub(super) fn builder() -> tantivy::IndexBuilder {
    let settings = IndexSettings {
        docstore_compression: Compressor::None,
        docstore_compress_dedicated_thread: false,
        ..IndexSettings::default()
    };
    Index::builder()
        .schema(FIELDS.schema.clone())
        .settings(settings)
        .tokenizers(tokenizers())
}

/// The ways in which indexes take texts apart.
pub(super) fn tokenizers() -> TokenizerManager {
    let tokenizers = TokenizerManager::default();
    tokenizers.register(ANALYSER, Analyser);
    tokenizers
}

/// One part of an index, opened.
pub(super) struct Part {
    pub(super) reader: SegmentReader,
    pub(super) words: Arc<InvertedIndexReader>,
    numbers_of: Arc<InvertedIndexReader>,
    pub(super) number: Arc<dyn ColumnValues<u64>>,
    pub(super) epoch: Arc<dyn ColumnValues<i64>>,
    pub(super) created: Arc<dyn ColumnValues<i64>>,
    pub(super) popularity: Arc<dyn ColumnValues<i64>>,
    pub(super) class: Arc<dyn ColumnValues<u64>>,
    pub(super) classes: Vec<Class>,
    pub(super) title: Arc<dyn ColumnValues<u64>>,
    titles: StrColumn,
    up: Option<Column<i64>>,
    down: Option<Column<i64>>,
    /// What the part itself knows to be gone.
    pub(super) deleted: Arc<Bits>,
    /// Where frequent words stand in it.
    pub(super) frequent: Frequent,
    /// Its documents in order.
    pub(super) sequences: Sequences,
    /// What of it who sees.
    pub(super) readers: Readers,
}

impl Part {
    pub(super) fn open(reader: SegmentReader) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        let missing = |name: &str| tantivy::TantivyError::FieldNotFound(name.to_owned());
        let class = fast.str("class")?.ok_or_else(|| missing("class"))?;
        let titles = fast.str("title")?.ok_or_else(|| missing("title"))?;
        let mut deleted = Bits::none(reader.max_doc());
        if let Some(alive) = reader.alive_bitset() {
            let gone = (0..reader.max_doc()).filter(|&document| alive.is_deleted(document));
            gone.for_each(|document| deleted.insert(document));
        }
        Ok(Part {
            words: reader.inverted_index(FIELDS.words)?,
            numbers_of: reader.inverted_index(FIELDS.number)?,
            number: fast.column_first_or_default("number")?,
            epoch: fast.column_first_or_default("epoch")?,
            created: fast.column_first_or_default("created")?,
            popularity: fast.column_first_or_default("popularity")?,
            classes: classes(&class)?,
            class: class.ords().clone().first_or_default_col(0),
            title: titles.ords().clone().first_or_default_col(0),
            titles,
            up: fast.column_opt("up")?,
            down: fast.column_opt("down")?,
            deleted: Arc::new(deleted),
            frequent: Frequent::new(),
            sequences: Sequences::default(),
            readers: Readers::new(),
            reader,
        })
    }

    /// What tells it from other parts, and from itself when more of it was deleted.
    pub(super) fn identity(&self) -> (SegmentId, Option<Opstamp>) {
        (self.reader.segment_id(), self.reader.delete_opstamp())
    }

    /// The document of a row, where this part has one.
    pub(super) fn find(&self, number: i64) -> tantivy::Result<Option<u32>> {
        let term = FIELDS.number_term(number);
        let postings = self
            .numbers_of
            .read_block_postings(&term, IndexRecordOption::Basic)?;
        let documents = postings
            .as_ref()
            .map_or(&[][..], |postings| postings.docs());
        // A row that was written twice between two commits has one that is deleted beside the other.
        let alive = documents
            .iter()
            .find(|&&document| !self.deleted.contains(document));
        Ok(alive.copied())
    }

    /// Whether it is a document's time.
    pub(super) fn is_in_time(&self, document: u32, now_ms: i64) -> bool {
        let time = |column: &Option<Column<i64>>| column.as_ref()?.first(document);
        time(&self.up).is_none_or(|up| up <= now_ms)
            && time(&self.down).is_none_or(|down| down > now_ms)
    }

    /// The text behind an ordinal of `title`.
    pub(super) fn title_text(&self, ordinal: u64) -> tantivy::Result<String> {
        let mut text = String::new();
        self.titles.ord_to_str(ordinal, &mut text)?;
        Ok(text)
    }
}

fn classes(column: &StrColumn) -> tantivy::Result<Vec<Class>> {
    let mut classes = Vec::with_capacity(column.num_terms());
    let mut stream = column.dictionary().stream()?;
    while stream.advance() {
        let text = std::str::from_utf8(stream.key()).ok();
        let class = text.and_then(Class::read);
        classes.push(class.ok_or_else(|| {
            tantivy::TantivyError::InternalError("a class of documents cannot be read".to_owned())
        })?);
    }
    Ok(classes)
}
