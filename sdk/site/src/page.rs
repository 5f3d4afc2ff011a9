//! Pages of a list, counted as Joomla counts them.

/// Which part of a list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many entries a page has, where the caller has said it.
    pub limit: Option<i64>,
    /// The first entry shown.
    pub offset: Option<i64>,
    /// The number of the page.
    pub current: Option<i64>,
    /// How many pages there are.
    pub total: Option<i64>,
}

impl Page {
    /// The whole list.
    pub const WHOLE: Page = Page {
        limit: None,
        offset: None,
        current: None,
        total: None,
    };

    /// The page of a list of `count` entries that begins at an offset, or the last page where the offset lies
    /// beyond it.
    pub fn of(count: i64, limit: Option<i64>, offset: Option<i64>) -> Page {
        let Some(limit) = limit.filter(|&limit| limit > 0) else {
            return Page::WHOLE;
        };
        let pages = count.saturating_add(limit - 1) / limit;
        let offset = offset.unwrap_or(0).max(0);
        let offset = if limit > count {
            0
        } else if offset > count - limit {
            (pages - 1) * limit
        } else {
            offset
        };
        Page {
            limit: Some(limit),
            offset: Some(offset),
            current: Some(offset / limit + 1),
            total: Some(pages),
        }
    }
}

/// The last row of a page that was read with a limit, where it is full, so that there may be more behind it.
pub fn last_of_full<T>(rows: &[T], limit: i64) -> Option<&T> {
    let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= limit);
    rows.last().filter(|_| is_full)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: i64, limit: i64, offset: i64) -> [i64; 3] {
        let page = Page::of(count, Some(limit), Some(offset));
        [page.offset, page.current, page.total].map(|number| number.expect("a page"))
    }

    #[test]
    fn an_offset_beyond_the_last_page_shows_the_last_page() {
        assert_eq!(numbers(7, 3, 0), [0, 1, 3]);
        assert_eq!(numbers(7, 3, 4), [4, 2, 3]);
        assert_eq!(numbers(7, 3, 5), [6, 3, 3]);
        assert_eq!(numbers(7, 3, 100), [6, 3, 3]);
        assert_eq!(numbers(6, 3, 4), [3, 2, 2]);
        assert_eq!(numbers(2, 3, 1), [0, 1, 1]);
        assert_eq!(numbers(0, 3, 5), [0, 1, 0]);
        assert_eq!(numbers(7, 3, -2), [0, 1, 3]);
        assert_eq!(numbers(7, i64::MAX, 2), [0, 1, 1]);
    }

    #[test]
    fn without_a_limit_there_are_no_pages() {
        assert_eq!(Page::of(7, None, Some(3)), Page::WHOLE);
        assert_eq!(Page::of(7, Some(0), None), Page::WHOLE);
        assert_eq!(Page::of(7, Some(-1), None), Page::WHOLE);
    }
}
