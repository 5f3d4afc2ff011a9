//! From a question to an answer.

use std::collections::HashMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::bits::Bits;
use super::class::{Judge, Viewer};
use super::entry::Document;
use super::index::{Part, language_of};
use super::intake::{EngineFault, Intake, read_content, soon};
use super::matches::Matches;
use super::matching;
use super::order::{self, CategoryRanks, Ranked};
use super::sequence::Ordering;
use super::view::View;
use super::visible::Verdict;
use super::words::{self, Phrase, Wanted};
use super::{Offers, excerpt};
use crate::store::search_entry::{self, Entry};

/// The most results of a page.
const MOST_RESULTS: i64 = 1000;

/// A question as a module writes it; every member is told in `docs/abi.md`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Question {
    words: String,
    phrase: Phrase,
    ordering: Ordering,
    areas: Vec<String>,
    language: Option<String>,
    offset: i64,
    limit: i64,
    view_levels: Vec<i64>,
    is_private: bool,
}

/// What was found.
#[derive(Debug, Default, Serialize)]
pub(super) struct Found {
    pub(super) total: u64,
    pub(super) offset: u64,
    pub(super) hits: Vec<Hit>,
}

/// A document that was found.
#[derive(Debug, Serialize)]
pub(super) struct Hit {
    pub(super) document: Document,
    pub(super) category_title: String,
    pub(super) category_alias: String,
}

/// One search.
struct Search<'s> {
    intake: &'s Intake,
    view: &'s View,
    viewer: Viewer<'s>,
    question: &'s Question,
    wanted: Vec<Wanted>,
}

/// Answers a question.
pub(super) fn answer(
    intake: &Intake,
    question: &Question,
    offers: Option<&Offers>,
    now_ms: i64,
    deadline: Option<Instant>,
) -> Result<Found, EngineFault> {
    let deadline = deadline.unwrap_or_else(soon);
    let view = intake.catch_up(deadline)?;
    let languages = view.languages(&intake.language);
    let wanted = words::read(&question.words, question.phrase, &languages);
    if wanted.is_empty() {
        return Ok(Found::default());
    }
    let areas = areas(question, offers);
    let modules = offers.and_then(Offers::modules);
    let search = Search {
        intake,
        view: &view,
        viewer: Viewer {
            view_levels: &question.view_levels,
            is_private: question.is_private,
            modules: modules.as_deref(),
            areas: areas.as_deref(),
            language: question
                .language
                .as_deref()
                .filter(|language| *language != "*"),
            now_ms,
        },
        question,
        wanted,
    };
    search.answer(deadline)
}

/// The areas that are asked for, by their own names; `None` for all.
fn areas(question: &Question, offers: Option<&Offers>) -> Option<Vec<String>> {
    let named = question
        .areas
        .iter()
        .map(|area| area.trim())
        .filter(|area| !area.is_empty());
    let own = |area: &str| {
        offers.map_or_else(
            || area.to_owned(),
            |offers| offers.own_name(area).to_owned(),
        )
    };
    let areas: Vec<String> = named.map(own).collect();
    (!areas.is_empty()).then_some(areas)
}

impl Search<'_> {
    fn answer(&self, deadline: Instant) -> Result<Found, EngineFault> {
        let mut with_typos = false;
        let (mut matches, mut total) = self.matches(with_typos)?;
        if total == 0 && self.forgives() {
            with_typos = true;
            (matches, total) = self.matches(with_typos)?;
        }
        let limit = self.question.limit.clamp(1, MOST_RESULTS).cast_unsigned();
        let offset = offset(self.question.offset, limit, total);
        let page = self.page(&matches, offset, limit)?;
        Ok(Found {
            total,
            offset,
            hits: self.hits(page, with_typos, deadline)?,
        })
    }

    /// Whether there is a word of which wrong characters are forgiven. It is done where nothing is found that the
    /// caller may see, so that what he may not see does not show in it.
    fn forgives(&self) -> bool {
        let forgives = |one: &Wanted| matches!(one, Wanted::Word(word) if word.typos() > 0);
        self.question.phrase != Phrase::Exact && self.wanted.iter().any(forgives)
    }

    fn matches(&self, with_typos: bool) -> tantivy::Result<(Vec<Matches>, u64)> {
        let mut judge = self.viewer.judge(&self.view.categories);
        let mut total = 0;
        let mut all = Vec::with_capacity(self.view.parts.len());
        for (part, gone) in &self.view.parts {
            let mut matches = matching::find(part, &self.wanted, self.question.phrase, with_typos)?;
            matches.all.remove_all(gone);
            self.keep_seen(part, &mut judge, &mut matches.all);
            total += matches.all.count();
            all.push(matches);
        }
        Ok((all, total))
    }

    /// Removes what the caller may not see.
    fn keep_seen(&self, part: &Part, judge: &mut Judge<'_>, found: &mut Bits) {
        let verdicts: Vec<Verdict> = part
            .classes
            .iter()
            .map(|class| match judge.finds(class) {
                false => Verdict::Hidden,
                true if class.is_timed => Verdict::Timed,
                true => Verdict::Found,
            })
            .collect();
        if verdicts.iter().all(|verdict| *verdict == Verdict::Found) {
            return;
        }
        let visible = part.readers.visible(verdicts, || {
            (0..part.reader.max_doc()).map(|document| part.class.get_val(document))
        });
        found.keep_only_or(&visible.always, &visible.in_time, |document| {
            part.is_in_time(document, self.viewer.now_ms)
        });
    }

    fn page(&self, matches: &[Matches], offset: u64, limit: u64) -> tantivy::Result<Vec<i64>> {
        let ranks = CategoryRanks::of_all(&self.view.categories, self.question.ordering);
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let count = offset.saturating_add(limit);
        let mut ranked: Vec<Ranked> = Vec::new();
        for ((part, _), matches) in self.view.parts.iter().zip(matches) {
            ranked.extend(order::first(
                part,
                matches,
                self.question.ordering,
                &ranks,
                count,
            )?);
        }
        ranked.sort_unstable();
        Ok(ranked
            .into_iter()
            .skip(offset)
            .take(limit)
            .map(|one| one.number)
            .collect())
    }

    /// Documents as the table has them. One that has changed since it was found is judged again, and left out where
    /// the caller may not see it any more.
    fn hits(
        &self,
        numbers: Vec<i64>,
        with_typos: bool,
        deadline: Instant,
    ) -> Result<Vec<Hit>, EngineFault> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let entries = search_entry::by_numbers(&mut self.intake.pool.read(deadline)?, &numbers)?;
        let mut entries: HashMap<i64, Entry> = entries
            .into_iter()
            .map(|entry| (entry.number, entry))
            .collect();
        let mut judge = self.viewer.judge(&self.view.categories);
        let documents = numbers.iter().filter_map(|number| {
            let entry = entries.remove(number).filter(|entry| entry.is_present)?;
            let document: Document = read_content(&entry)?;
            judge.finds_document(&document).then_some(document)
        });
        Ok(documents
            .map(|document| self.hit(document, with_typos))
            .collect())
    }

    fn hit(&self, mut document: Document, with_typos: bool) -> Hit {
        let language = language_of(&document, &self.intake.language);
        document.text = excerpt::of(&document.text, &self.wanted, language, with_typos);
        let category = document
            .category_id
            .and_then(|id| self.view.categories.get(&(document.area.clone(), id)));
        Hit {
            category_title: category.map(|one| one.title.clone()).unwrap_or_default(),
            category_alias: category.map(|one| one.alias.clone()).unwrap_or_default(),
            document,
        }
    }
}

/// The first result of the page, as Joomla counts pages: that of the last one where it lies beyond.
fn offset(asked: i64, limit: u64, total: u64) -> u64 {
    let asked = asked.max(0).cast_unsigned();
    if limit > total {
        return 0;
    }
    if asked > total - limit {
        return (total - 1) / limit * limit;
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::offset;

    #[test]
    fn an_offset_beyond_the_last_page_shows_the_last_page() {
        let offsets = [0, 4, 5, 100, -2, i64::MIN].map(|asked| offset(asked, 3, 7));
        assert_eq!(offsets, [0, 4, 6, 6, 0, 0]);
        assert_eq!(
            (offset(4, 3, 6), offset(1, 3, 2), offset(5, 3, 0)),
            (3, 0, 0)
        );
    }
}
