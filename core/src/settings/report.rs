//! What was found wrong in the file that is being read.

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;

use super::problem::Problem;

/// The file that is being read, and what was found wrong in it.
pub(super) struct Report<'a> {
    pub(super) file: &'a Path,
    pub(super) content: &'a str,
    problems: RefCell<Vec<(usize, Problem)>>,
    hidden: RefCell<Vec<String>>,
}

impl<'a> Report<'a> {
    pub(super) fn new(file: &'a Path, content: &'a str) -> Self {
        Self {
            file,
            content,
            problems: RefCell::default(),
            hidden: RefCell::default(),
        }
    }

    /// The folder from which relative paths start.
    pub(super) fn folder(&self) -> &'a Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    pub(super) fn add(&self, span: &Range<usize>, text: String, help: Option<String>) {
        let problem = Problem::at(self.file, self.content, span, text, help);
        self.problems.borrow_mut().push((span.start, problem));
    }

    /// Whether something was noted at this place already.
    pub(super) fn has(&self, place: usize) -> bool {
        self.problems
            .borrow()
            .iter()
            .any(|(start, _)| *start == place)
    }

    /// Notes that the value at this pointer came by reference and must not be shown.
    pub(super) fn hide(&self, pointer: &str) {
        self.hidden.borrow_mut().push(pointer.to_owned());
    }

    /// The problems in the order of the file, and the pointers of what must not be shown.
    pub(super) fn finish(self) -> (Vec<Problem>, Vec<String>) {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|(start, _)| *start);
        let problems = problems.into_iter().map(|(_, problem)| problem).collect();
        (problems, self.hidden.into_inner())
    }
}
