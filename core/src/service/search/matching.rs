//! Which documents of one part hold what is looked for.

use std::sync::Arc;

use tantivy::postings::TermInfo;
use tantivy::query::{EnableScoring, FuzzyTermQuery, PhraseQuery, Query};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Result, TERMINATED, Term};

use super::bits::Bits;
use super::index::{FIELDS, Part};
use super::matches::Matches;
use super::words::{Phrase, Wanted, Word};

/// Finds what is wanted: all of it, or any where the phrase says so.
pub(super) fn find(
    part: &Part,
    wanted: &[Wanted],
    phrase: Phrase,
    with_typos: bool,
) -> Result<Matches> {
    let mut found: Option<Matches> = None;
    for one in wanted {
        let read = || read(part, one, with_typos);
        let matches = part.frequent.matches(one, with_typos, read)?;
        found = Some(match found {
            None => Arc::unwrap_or_clone(matches),
            Some(before) => joined(before, &matches, phrase),
        });
    }
    let bound = part.reader.max_doc();
    Ok(found.unwrap_or_else(|| Matches {
        all: Bits::none(bound),
        exact: Bits::none(bound),
    }))
}

fn joined(mut before: Matches, more: &Matches, phrase: Phrase) -> Matches {
    if phrase == Phrase::Any {
        before.all.add_all(&more.all);
        before.exact.add_all(&more.exact);
    } else {
        before.all.keep_only(&more.all);
        before.exact.keep_only(&more.exact);
    }
    before
}

/// Finds one thing, and tells how many entries of the index that took.
fn read(part: &Part, wanted: &Wanted, with_typos: bool) -> Result<(Matches, u64)> {
    match wanted {
        Wanted::Word(word) => find_word(part, word, with_typos),
        Wanted::Row(row) => find_row(part, row),
    }
}

fn find_word(part: &Part, word: &Word, with_typos: bool) -> Result<(Matches, u64)> {
    let mut exact = Bits::none(part.reader.max_doc());
    let mut entries = add_term(part, &word.exact, &mut exact)?;
    let mut all = exact.clone();
    if word.exact != word.folded && !word.is_prefix {
        entries += add_term(part, &word.folded, &mut all)?;
    }
    for stem in &word.stems {
        entries += add_term(part, stem, &mut all)?;
    }
    if word.is_prefix {
        entries += add_prefix(part, word, &mut all)?;
    }
    if with_typos && word.typos() > 0 {
        entries += add_typos(part, word, &mut all)?;
    }
    Ok((Matches { all, exact }, entries))
}

fn term(text: &str) -> Term {
    Term::from_field_text(FIELDS.words, text)
}

fn add_term(part: &Part, text: &str, to: &mut Bits) -> Result<u64> {
    match part.words.get_term_info(&term(text))? {
        Some(info) => add_documents(part, &info, to),
        None => Ok(0),
    }
}

/// Adds the documents with words that begin so; those with the word as it was written are already there.
fn add_prefix(part: &Part, word: &Word, to: &mut Bits) -> Result<u64> {
    let mut range = part.words.terms().range().ge(&word.folded);
    if let Some(end) = end_of(&word.folded) {
        range = range.lt(end);
    }
    let mut stream = range.into_stream()?;
    let mut entries = 0;
    while stream.advance() {
        if stream.key() != word.exact.as_bytes() {
            entries += add_documents(part, stream.value(), to)?;
        }
    }
    Ok(entries)
}

/// The first text behind all that begin so.
fn end_of(prefix: &str) -> Option<Vec<u8>> {
    let mut end = prefix.as_bytes().to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

/// Adds the documents with words that differ from this one by few characters.
fn add_typos(part: &Part, word: &Word, to: &mut Bits) -> Result<u64> {
    let automaton = FuzzyTermQuery::new(term(&word.folded), word.typos(), true).automaton()?;
    let mut stream = part.words.terms().search(automaton).into_stream()?;
    let mut entries = 0;
    while stream.advance() {
        entries += add_documents(part, stream.value(), to)?;
    }
    Ok(entries)
}

fn add_documents(part: &Part, info: &TermInfo, to: &mut Bits) -> Result<u64> {
    let mut postings = part
        .words
        .read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
    loop {
        let documents = postings.docs();
        if documents.is_empty() {
            return Ok(info.doc_freq.into());
        }
        for &document in documents {
            to.insert(document);
        }
        postings.advance();
    }
}

/// The documents with words one behind the other.
fn find_row(part: &Part, row: &[(usize, String)]) -> Result<(Matches, u64)> {
    let terms: Vec<_> = row
        .iter()
        .map(|(place, word)| (*place, term(word)))
        .collect();
    let mut entries = 0;
    for (_, term) in &terms {
        entries += u64::from(part.words.doc_freq(term)?);
    }
    let query = PhraseQuery::new_with_offset(terms);
    let weight = query.weight(EnableScoring::disabled_from_schema(&FIELDS.schema))?;
    let mut scorer = weight.scorer(&part.reader, 1.0)?;
    let mut all = Bits::none(part.reader.max_doc());
    let mut document = scorer.doc();
    while document != TERMINATED {
        all.insert(document);
        document = scorer.advance();
    }
    let exact = all.clone();
    Ok((Matches { all, exact }, entries))
}
