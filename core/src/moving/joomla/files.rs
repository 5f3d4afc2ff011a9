//! The files that rows of a Joomla site refer to: read out of its folder, they become files of the module media, and
//! the addresses of them name these.
//!
//! The id of a file is made of its path, so that it is the same in every run, and whoever refers to a file knows its id
//! without asking. A row refers to a file from the moment on when it was taken, in a run without the folder too.

use std::collections::{BTreeMap, HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::folder::{self, Folder};
use super::object::record;
use crate::moving::merge::{BATCH, Batch};
use crate::moving::record::Record;

/// Who keeps files here.
pub const MODULE: &str = "media";
/// As which kind.
pub const KIND: &str = "file";
/// A batch ends behind so many bytes of files.
const BATCH_BYTES: usize = 4 << 20;
/// Ids begin behind those that are counted, and stay so small that every program can hold them.
const ID_BITS: u32 = 51;

/// A file that rows refer to.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Where it lies in the folder.
    pub(super) path: String,
    /// What it is called, its owner and its time are those of the first row.
    pub(super) name: String,
    pub(super) owner_id: i64,
    pub(super) created_ms: i64,
    pub(super) view_level_id: i64,
}

/// What is known of a site's files.
#[derive(Default)]
pub struct Files {
    folder: Option<Folder>,
    wanted: BTreeMap<i64, Wanted>,
    /// Why some of them were not taken.
    refused: HashMap<i64, String>,
    /// Those that were.
    taken: HashSet<i64>,
}

impl Files {
    /// Notes what rows refer to, and the folder in which it lies.
    pub(super) fn look_in(&mut self, folder: Folder, wanted: BTreeMap<i64, Wanted>) {
        self.folder = Some(folder);
        self.wanted = wanted;
    }

    /// The records of those behind an id.
    pub(super) fn batch(&mut self, after: i64) -> Batch {
        let mut batch = Batch::default();
        let Some(folder) = &self.folder else {
            return batch;
        };
        let (mut bytes, mut last) = (0, None);
        let from = after.saturating_add(1);
        for (id, wanted) in self.wanted.range(from..) {
            if bytes >= BATCH_BYTES || batch.records.len() + batch.skipped.len() >= BATCH {
                batch.next = last;
                break;
            }
            last = Some(*id);
            match folder.read(&wanted.path) {
                Ok(content) => {
                    bytes += content.len();
                    batch.records.push(file(*id, wanted, &content));
                }
                Err(why) => {
                    self.refused.insert(*id, why.to_owned());
                    batch.skipped.push((*id, why.to_owned()));
                }
            }
        }
        batch
    }

    /// About how many there are.
    pub fn count(&self) -> u64 {
        u64::try_from(self.wanted.len()).unwrap_or_default()
    }

    /// Notes what the module has refused.
    pub fn refuse(&mut self, refused: Vec<(i64, String)>) {
        self.refused.extend(refused);
    }

    /// Notes which ones have been taken, in this run or before.
    pub fn take(&mut self, taken: impl IntoIterator<Item = i64>) {
        self.taken.extend(taken);
    }

    /// Those that would be taken, as far as that can be told without asking the module.
    pub fn promising(&self) -> Vec<i64> {
        let ids = self.wanted.keys();
        ids.filter(|id| !self.refused.contains_key(id))
            .copied()
            .collect()
    }

    /// Names the file in the place of the address of it, if it was taken. Otherwise the address stays, and where the
    /// folder is at hand it is noted why.
    pub(super) fn name(&self, member: &str, address: &mut String, notes: &mut Vec<String>) {
        let Some(path) = folder::path_of(address) else {
            return;
        };
        match self.file(path) {
            Ok(file) => *address = file,
            Err(why) => self.keeps(member, &why, notes),
        }
    }

    /// The same for a path that is no address: nothing in it is encoded.
    pub(super) fn name_path(&self, member: &str, path: &mut String, notes: &mut Vec<String>) {
        match self.file(folder::checked(path)) {
            Ok(file) => *path = file,
            Err(why) => self.keeps(member, &why, notes),
        }
    }

    /// The file with a path that is no address, if it was taken; otherwise it is noted why not.
    pub(super) fn find(&self, member: &str, path: &str, notes: &mut Vec<String>) -> Option<String> {
        match self.file(folder::checked(path)) {
            Ok(file) => return Some(file),
            Err(why) if self.folder.is_some() => {
                notes.push(format!("{member} is left out: {why}"));
            }
            Err(_) => {}
        }
        None
    }

    fn file(&self, path: Result<String, &'static str>) -> Result<String, String> {
        let id = id_of(&path?);
        if self.taken.contains(&id) {
            return Ok(format!("{MODULE}:{id}"));
        }
        let why = self.refused.get(&id);
        Err(why.map_or(folder::MISSING, String::as_str).to_owned())
    }

    fn keeps(&self, member: &str, why: &str, notes: &mut Vec<String>) {
        if self.folder.is_some() {
            notes.push(format!("{member} keeps its address: {why}"));
        }
    }

    /// The same for members of an object, however deep they lie.
    pub(super) fn name_in(&self, value: &mut Value, members: &[&str], notes: &mut Vec<String>) {
        each_text(value, members, &mut |name, address| {
            self.name(name, address, notes);
        });
    }
}

/// Hands out the texts of members of an object, however deep they lie.
pub(super) fn each_text(
    value: &mut Value,
    members: &[&str],
    look: &mut impl FnMut(&str, &mut String),
) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match value {
                    Value::String(text) if members.contains(&name.as_str()) => look(name, text),
                    _ => each_text(value, members, look),
                }
            }
        }
        Value::Array(values) => {
            for value in values {
                each_text(value, members, look);
            }
        }
        _ => {}
    }
}

/// The id of the file with a path: two of 100,000 have the same once in half a million sites.
pub(super) fn id_of(path: &str) -> i64 {
    let digest = Sha256::digest(path.as_bytes());
    let bytes = digest.iter().take(size_of::<u64>());
    let number = bytes.fold(0, |number: i64, byte| (number << 8) | i64::from(*byte));
    (1 << ID_BITS) | (number & ((1 << ID_BITS) - 1))
}

fn file(id: i64, wanted: &Wanted, content: &[u8]) -> Record {
    record(json!({
        "id": id,
        "owner_id": wanted.owner_id,
        "name": wanted.name,
        "view_level_id": wanted.view_level_id,
        "created_ms": wanted.created_ms,
        "version": 1,
        "content": STANDARD.encode(content),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_path_is_its_own_and_always_the_same() {
        let id = id_of("images/a.png");
        assert_eq!(id, id_of("images/a.png"));
        assert_ne!(id, id_of("images/b.png"));
        assert!((1 << 51..1 << 52).contains(&id));
    }

    #[test]
    fn addresses_of_taken_files_name_them_and_others_stay_with_a_note_where_the_folder_is_at_hand()
    {
        let mut files = Files::default();
        files.take([id_of("images/a.png")]);
        let value = json!({ "0": { "file": "/images/a.png#joomlaImage://local-images/a.png" },
            "file": "images/b.png", "title": "images/a.png", "link": "https://b.org/c.png" });
        let (mut made, mut notes) = (value.clone(), Vec::new());
        files.name_in(&mut made, &["file", "link"], &mut notes);
        let wanted = format!("media:{}", id_of("images/a.png"));
        assert_eq!(made["0"]["file"], wanted);
        assert_eq!(made["file"], "images/b.png");
        assert_eq!(made["title"], "images/a.png");
        assert_eq!(made["link"], "https://b.org/c.png");
        assert!(notes.is_empty(), "without a folder nothing is said");
        let folder = tempfile::tempdir().unwrap();
        files.folder = Some(Folder::open(folder.path()).unwrap());
        files.name_in(&mut value.clone(), &["file"], &mut notes);
        assert_eq!(
            notes,
            ["file keeps its address: a file is not in the folder"]
        );
    }
}
