//! The Joomla versions a package runs on, and the pattern that says so in a feed.
//!
//! Joomla matches a `<targetplatform>` pattern at the start of its own version only, so `5.1` would also
//! take 5.10, and a `/` would end the pattern early. Ranges are therefore what people write here
//! (`4.4-6.*`), and the pattern is generated with a border behind every number.

use std::fmt;

use regex::Regex;

use crate::pattern::{OPEN, Triple, versions};

/// An unbroken run of Joomla versions, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    low: Triple,
    high: Triple,
}

/// Every Joomla version a package runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platforms(Vec<Range>);

impl Platforms {
    /// Reads a list such as `4.4, 5.0-6.*`.
    pub fn parse(text: &str) -> Result<Platforms, String> {
        let ranges = text
            .split(',')
            .map(str::trim)
            .filter(|term| !term.is_empty())
            .map(range)
            .collect::<Result<Vec<_>, _>>()?;
        if ranges.is_empty() {
            return Err("no Joomla version is named, such as 4.4-6.*".to_owned());
        }
        Ok(Platforms(merged(ranges)))
    }

    /// Reads what a manifest's own `<targetplatform>` pattern matches among the lines 1.0 to 19.9, each
    /// taken as a whole line; so a pattern written for 5.1 does not come to mean 5.10.
    pub fn of_pattern(pattern: &str) -> Result<Platforms, String> {
        if pattern.contains('/') {
            return Err(
                "the pattern has a \"/\", which ends it early in Joomla's updater".to_owned(),
            );
        }
        let regex = Regex::new(&format!("^(?:{pattern})"))
            .map_err(|_| format!("\"{pattern}\" is not a pattern"))?;
        let ranges: Vec<Range> = (1..20)
            .flat_map(|major| (0..10).map(move |minor| (major, minor)))
            .filter(|(major, minor)| regex.is_match(&format!("{major}.{minor}.0")))
            .map(|(major, minor)| Range {
                low: (major, minor, 0),
                high: (major, minor, OPEN),
            })
            .collect();
        if ranges.is_empty() {
            return Err(format!(
                "the pattern \"{pattern}\" matches no Joomla version"
            ));
        }
        Ok(Platforms(merged(ranges)))
    }

    /// Whether every version of the other list is also one of this.
    pub fn covers(&self, other: &Platforms) -> bool {
        other.0.iter().all(|inner| {
            self.0
                .iter()
                .any(|outer| outer.low <= inner.low && inner.high <= outer.high)
        })
    }

    /// Whether a full Joomla version, such as `5.2.1` or `6.0.0-rc1`, is among them.
    pub fn contains(&self, version: &str) -> bool {
        let mut numbers = version
            .split('.')
            .map(|part| {
                let digits = part.bytes().take_while(u8::is_ascii_digit).count();
                part[..digits].parse::<u32>().unwrap_or(0)
            })
            .chain([0, 0, 0]);
        let mut next = || numbers.next().unwrap_or(0);
        let version = (next(), next(), next());
        self.0
            .iter()
            .any(|range| range.low <= version && version <= range.high)
    }

    /// The pattern of a feed's `<targetplatform>`.
    pub fn pattern(&self) -> String {
        let alternatives: Vec<String> = self
            .0
            .iter()
            .flat_map(|range| versions(range.low, range.high))
            .collect();
        format!("({})", alternatives.join("|"))
    }

    /// Joomla versions to try a feed with: both ends of each range, and the first and a two-digit line of
    /// every major version between.
    pub fn probes(&self) -> Vec<String> {
        let mut probes = Vec::new();
        for range in &self.0 {
            let majors = range.low.0..=range.high.0.min(range.low.0.saturating_add(20));
            let lines = majors.flat_map(|major| [(major, 0, 0), (major, 10, 1)]);
            let high = (range.high.0, shown(range.high.1), shown(range.high.2));
            probes.extend(
                [range.low, high]
                    .into_iter()
                    .chain(lines)
                    .filter(|version| range.low <= *version && *version <= range.high)
                    .map(|(major, minor, patch)| format!("{major}.{minor}.{patch}")),
            );
        }
        probes.dedup();
        probes
    }

    /// Joomla versions just outside the ranges, which the feed must not offer the package to.
    pub fn outsiders(&self) -> Vec<String> {
        let mut outside = Vec::new();
        for Range { low, high } in &self.0 {
            outside.extend(low.0.checked_sub(1).map(|major| format!("{major}.99.99")));
            outside.extend(
                low.1
                    .checked_sub(1)
                    .map(|minor| format!("{}.{minor}.99", low.0)),
            );
            outside.push(format!("{}.0.0", u64::from(high.0) * 10));
            outside.push(format!("{}.0.0", u64::from(high.0) + 1));
            if high.1 != OPEN {
                outside.push(format!("{}.{}.0", high.0, u64::from(high.1) * 10 + 10));
            }
        }
        outside.retain(|version| !self.contains(version));
        outside
    }
}

impl fmt::Display for Platforms {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges: Vec<String> = self.0.iter().map(Range::to_string).collect();
        formatter.write_str(&ranges.join(", "))
    }
}

impl fmt::Display for Range {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Range { low, high } = self;
        let whole_major = low.0 == high.0 && (low.1, high.1) == (0, OPEN);
        let whole_line = (low.0, low.1) == (high.0, high.1) && (low.2, high.2) == (0, OPEN);
        if whole_major || whole_line || low == high {
            return formatter.write_str(&written(*high));
        }
        match low {
            (major, minor, 0) => write!(formatter, "{major}.{minor}")?,
            low => formatter.write_str(&written(*low))?,
        }
        write!(formatter, "-{}", written(*high))
    }
}

fn shown(number: u32) -> u32 {
    if number == OPEN { 99 } else { number }
}

fn written((major, minor, patch): Triple) -> String {
    match (minor, patch) {
        (OPEN, _) => format!("{major}.*"),
        (_, OPEN) => format!("{major}.{minor}.*"),
        _ => format!("{major}.{minor}.{patch}"),
    }
}

fn range(term: &str) -> Result<Range, String> {
    let (low, high) = match term.split_once('-') {
        Some((low, high)) => (end(low)?, end(high)?),
        None => (end(term)?, end(term)?),
    };
    let range = Range {
        low: (
            low[0].unwrap_or(0),
            low[1].unwrap_or(0),
            low[2].unwrap_or(0),
        ),
        high: (
            high[0].unwrap_or(OPEN),
            high[1].unwrap_or(OPEN),
            high[2].unwrap_or(OPEN),
        ),
    };
    if range.low > range.high {
        return Err(format!("the range \"{term}\" runs backwards"));
    }
    Ok(range)
}

/// One end of a range: up to three numbers, of which the last may be `*` or left out.
fn end(text: &str) -> Result<[Option<u32>; 3], String> {
    let fault = || format!("\"{text}\" is no Joomla version, such as 5, 5.2, 5.2.1 or 5.*");
    let mut numbers = [None; 3];
    let mut open = false;
    for (index, part) in text.trim().split('.').enumerate() {
        let place = numbers.get_mut(index).ok_or_else(fault)?;
        if part == "*" && index > 0 {
            open = true;
        } else if open || part.len() > 5 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(fault());
        } else {
            *place = Some(part.parse().map_err(|_| fault())?);
        }
    }
    Ok(numbers)
}

fn merged(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable();
    let mut merged: Vec<Range> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.low <= following(last.high) => {
                last.high = last.high.max(range.high);
            }
            _ => merged.push(range),
        }
    }
    merged
}

/// The version after the last one of a range.
fn following((major, minor, patch): Triple) -> Triple {
    match (minor, patch) {
        (OPEN, _) => (major.saturating_add(1), 0, 0),
        (_, OPEN) => (major, minor.saturating_add(1), 0),
        _ => (major, minor, patch.saturating_add(1)),
    }
}

/// Whether a text is a PHP version such as `8.1` or `8.1.2`.
pub fn is_php_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() <= 3
        && parts.iter().all(|part| {
            !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(platforms: &Platforms, version: &str) -> bool {
        Regex::new(&format!("^{}", platforms.pattern()))
            .expect("a generated pattern is a pattern")
            .is_match(version)
    }

    #[test]
    fn a_line_does_not_take_the_line_with_one_digit_more() {
        let platforms = Platforms::parse("5.1").unwrap();
        assert!(matches(&platforms, "5.1.0"));
        assert!(matches(&platforms, "5.1.12-rc1"));
        assert!(!matches(&platforms, "5.10.0"));
        assert!(!matches(&platforms, "5.2.0"));
    }

    #[test]
    fn the_pattern_takes_exactly_the_versions_of_its_ranges() {
        for text in [
            "4.0-6.*",
            "4.4-5.1",
            "5.1.2",
            "4.4.3-5.2.7",
            "3.10, 5.*",
            "9.8-11.12.13",
            "4.2-4.11.*",
            "5.0.5-5.0.120",
            "5",
            "19.95-102.3",
        ] {
            let platforms = Platforms::parse(text).unwrap();
            let pattern = Regex::new(&format!("^{}", platforms.pattern())).unwrap();
            let numbers = [
                0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 19, 42, 94, 95, 99, 100, 103, 120, 121,
            ];
            for major in numbers {
                for minor in numbers {
                    for patch in numbers {
                        let version = format!("{major}.{minor}.{patch}");
                        assert_eq!(
                            pattern.is_match(&version),
                            platforms.contains(&version),
                            "{text} and {version}: {}",
                            platforms.pattern()
                        );
                    }
                }
            }
            assert!(!platforms.pattern().contains('/'));
        }
    }

    #[test]
    fn ranges_are_written_back_shortly_and_merged() {
        for (text, written) in [
            ("4.*,5.*, 6.0-6.2", "4.0-6.2.*"),
            ("5.1", "5.1.*"),
            ("5", "5.*"),
            ("4.4.3-5.2", "4.4.3-5.2.*"),
            ("5.1.2", "5.1.2"),
            ("5.1.0", "5.1.0"),
            ("5.1.0-5.2.0", "5.1-5.2.0"),
        ] {
            let platforms = Platforms::parse(text).unwrap();
            assert_eq!(platforms.to_string(), written);
            assert_eq!(Platforms::parse(written).unwrap(), platforms);
        }
    }

    #[test]
    fn what_is_no_range_is_refused_with_the_reason() {
        for text in ["", "five", "5.1.2.3", "6-5", "5.*.1", "*", "5.x"] {
            assert!(Platforms::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn probes_lie_inside_and_outsiders_outside() {
        for text in ["4.0-6.*", "5.1", "3.10, 4.4.2-5.1.9"] {
            let platforms = Platforms::parse(text).unwrap();
            for probe in platforms.probes() {
                assert!(platforms.contains(&probe), "{text}: {probe}");
            }
            for outsider in platforms.outsiders() {
                assert!(!matches(&platforms, &outsider), "{text}: {outsider}");
            }
        }
        let probes = Platforms::parse("4.0-6.*").unwrap().probes();
        assert!(probes.contains(&"4.0.0".to_owned()) && probes.contains(&"6.99.99".to_owned()));
    }

    #[test]
    fn a_manifests_own_pattern_is_read_as_whole_lines() {
        let platforms = Platforms::of_pattern(r"((4\.4)|(5\.[0-9]))").unwrap();
        assert_eq!(platforms.to_string(), "4.4.*, 5.0-5.9.*");
        assert!(Platforms::of_pattern("5/6").is_err());
        assert!(Platforms::of_pattern("(").is_err());
        assert!(Platforms::of_pattern("zero").is_err());
    }

    #[test]
    fn a_wider_list_covers_a_narrower_one() {
        let wide = Platforms::parse("4.0-6.*").unwrap();
        let narrow = Platforms::parse("4.4, 6.1").unwrap();
        assert!(wide.covers(&narrow) && !narrow.covers(&wide));
    }
}
