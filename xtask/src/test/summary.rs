//! The runner's own last lines, said again at the end, where they are looked for.

/// The lines `test result: ...` and the names of failed tests.
#[derive(Default)]
pub(crate) struct Summary {
    results: Vec<String>,
    failed: Vec<String>,
}

impl Summary {
    /// Looks at one line of the runner.
    pub(crate) fn see(&mut self, line: &str) {
        if line.starts_with("test result: ") {
            self.results.push(line.to_owned());
        } else if line.starts_with("test ") && line.ends_with(" ... FAILED") {
            self.failed.push(line.to_owned());
        }
    }

    /// Prints what was kept, and the sum.
    pub(crate) fn print(&self) {
        let told = self.results.iter().filter(|line| !is_empty(line));
        for line in self.failed.iter().chain(told) {
            println!("{line}");
        }
        let sum = |what| {
            self.results
                .iter()
                .map(|line| count(line, what))
                .sum::<u64>()
        };
        let (passed, failed, ignored) = (sum("passed"), sum("failed"), sum("ignored"));
        println!("tests: {passed} passed, {failed} failed, {ignored} ignored");
    }
}

/// Whether a program had no tests at all.
fn is_empty(line: &str) -> bool {
    ["passed", "failed", "ignored"]
        .iter()
        .all(|what| count(line, what) == 0)
}

/// The number before a word: `3 passed` is 3.
fn count(line: &str, what: &str) -> u64 {
    line.split([';', '.'])
        .filter_map(|part| part.trim().strip_suffix(what))
        .find_map(|number| number.trim().parse().ok())
        .unwrap_or(0)
}
