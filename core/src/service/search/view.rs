//! What a search looks at: the index as it is on the disk, and what came since. A view never changes; whoever takes
//! something new makes the next one.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::SegmentReader;
use tantivy::directory::RamDirectory;

use super::bits::Bits;
use super::class::Categories;
use super::entry::Category;
use super::index::{FIELDS, Part, Row, builder};
use super::language::Language;
use crate::store::search_entry::Written;

/// The memory that a piece's words are first given.
const PIECE_BYTES: usize = 1024 * 1024;

/// Everything that can be found.
#[derive(Clone)]
pub(super) struct View {
    /// The generation of the index.
    pub(super) generation: i64,
    /// Everything that was written before this epoch is in it.
    pub(super) epoch: i64,
    /// What of this epoch and later ones is in it: when the row of each number was written.
    pub(super) taken: Arc<HashMap<i64, i64>>,
    pub(super) categories: Arc<Categories>,
    /// The parts on the disk.
    main: Vec<Arc<Part>>,
    /// What is not on the disk yet, oldest first.
    pub(super) pieces: Vec<Arc<Piece>>,
    /// All parts, each with what of it has been written anew or withdrawn.
    pub(super) parts: Vec<(Arc<Part>, Arc<Bits>)>,
}

/// Some rows that were taken at once.
pub(super) struct Piece {
    /// The rows.
    pub(super) rows: Vec<Row>,
    /// Their documents, where there are any.
    pub(super) part: Option<Arc<Part>>,
}

impl Piece {
    /// Makes rows searchable, in memory.
    pub(super) fn new(rows: Vec<Row>, site_language: &str) -> tantivy::Result<Self> {
        let mut writer =
            builder().single_segment_index_writer(RamDirectory::create(), PIECE_BYTES)?;
        let mut is_empty = true;
        for row in &rows {
            if let Some(document) = &row.document {
                writer.add_document(FIELDS.document(row, document, site_language))?;
                is_empty = false;
            }
        }
        if is_empty {
            return Ok(Piece { rows, part: None });
        }
        let index = writer.finalize()?;
        let segments = index.searchable_segments()?;
        let part = segments.first().map(SegmentReader::open).transpose()?;
        let part = part.map(Part::open).transpose()?.map(Arc::new);
        Ok(Piece { rows, part })
    }
}

impl View {
    /// Of the parts on the disk alone.
    pub(super) fn new(
        generation: i64,
        epoch: i64,
        categories: Categories,
        readers: &[SegmentReader],
    ) -> tantivy::Result<Self> {
        let mut view = View {
            generation,
            epoch,
            taken: Arc::default(),
            categories: Arc::new(categories),
            main: Vec::new(),
            pieces: Vec::new(),
            parts: Vec::new(),
        };
        view.set_main(readers, 0)?;
        Ok(view)
    }

    /// Puts what is now on the disk in the place of what was, and of the oldest pieces, which are in it.
    pub(super) fn set_main(
        &mut self,
        readers: &[SegmentReader],
        pieces: usize,
    ) -> tantivy::Result<()> {
        let known: HashMap<_, _> = self
            .main
            .iter()
            .map(|part| (part.identity(), Arc::clone(part)))
            .collect();
        let opened = readers.iter().map(|reader| {
            match known.get(&(reader.segment_id(), reader.delete_opstamp())) {
                Some(part) => Ok(Arc::clone(part)),
                None => Part::open(reader.clone()).map(Arc::new),
            }
        });
        self.main = opened.collect::<tantivy::Result<_>>()?;
        let rest = self.pieces.split_off(pieces.min(self.pieces.len()));
        self.pieces.clear();
        let with_deleted = self
            .main
            .iter()
            .map(|part| (Arc::clone(part), Arc::clone(&part.deleted)));
        self.parts = with_deleted.collect();
        rest.into_iter().try_for_each(|piece| self.push(piece))
    }

    /// Adds a piece, which replaces what the others have of its rows.
    pub(super) fn push(&mut self, piece: Arc<Piece>) -> tantivy::Result<()> {
        for (part, gone) in &mut self.parts {
            for row in &piece.rows {
                if let Some(document) = part.find(row.number)? {
                    Arc::make_mut(gone).insert(document);
                }
            }
        }
        if let Some(part) = &piece.part {
            self.parts
                .push((Arc::clone(part), Arc::clone(&part.deleted)));
        }
        self.pieces.push(piece);
        Ok(())
    }

    /// Whether it has what was written so.
    pub(super) fn has(&self, row: &Written) -> bool {
        row.epoch < self.epoch || self.taken.get(&row.number) == Some(&row.epoch)
    }

    /// Everything before an epoch is in it, and these rows are.
    pub(super) fn advance(&mut self, horizon: i64, taken: impl IntoIterator<Item = (i64, i64)>) {
        self.epoch = self.epoch.max(horizon);
        let mut all = HashMap::clone(&self.taken);
        all.extend(taken);
        all.retain(|_, epoch| *epoch >= self.epoch);
        self.taken = Arc::new(all);
    }

    /// Changes categories; `None` is withdrawn.
    pub(super) fn change_categories(&mut self, changes: Vec<((String, i64), Option<Category>)>) {
        if changes.is_empty() {
            return;
        }
        let categories = Arc::make_mut(&mut self.categories);
        for (key, category) in changes {
            match category {
                Some(category) => drop(categories.insert(key, category)),
                None => drop(categories.remove(&key)),
            }
        }
    }

    /// The languages in which words were stemmed.
    pub(super) fn languages(&self, site_language: &str) -> Vec<Language> {
        let classes = self.parts.iter().flat_map(|(part, _)| &part.classes);
        let tags = classes.map(|class| class.language.as_str());
        let mut languages: Vec<Language> = Vec::new();
        for tag in tags.chain([site_language]) {
            if let Some(language) = Language::of(tag)
                && languages.iter().all(|known| known.code != language.code)
            {
                languages.push(language);
            }
        }
        languages
    }

    /// How many rows wait to be written to the disk.
    pub(super) fn pending(&self) -> usize {
        self.pieces.iter().map(|piece| piece.rows.len()).sum()
    }
}
