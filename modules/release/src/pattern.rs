//! Patterns that match exactly the dotted numbers of a range.
//!
//! Only what PCRE and the `regex` crate both read the same way is used, and no look-ahead.

/// The end of a number in a generated pattern.
const BORDER: &str = "([^0-9]|$)";
/// The part of a version that a `*` leaves open.
pub(crate) const OPEN: u32 = u32::MAX;

/// A version as three numbers.
pub(crate) type Triple = (u32, u32, u32);

/// The alternatives for all versions between two, both included.
pub(crate) fn versions(low: Triple, high: Triple) -> Vec<String> {
    nested(&[low.0, low.1, low.2], &[high.0, high.1, high.2])
}

/// The alternatives for all dotted numbers between two of the same length.
fn nested(low: &[u32], high: &[u32]) -> Vec<String> {
    let (Some((&first, low_rest)), Some((&last, high_rest))) =
        (low.split_first(), high.split_first())
    else {
        return Vec::new();
    };
    let starts_whole = low_rest.iter().all(|number| *number == 0);
    let ends_whole = high_rest.iter().all(|number| *number == OPEN);
    if starts_whole && ends_whole {
        return vec![format!("{}{BORDER}", numbers(first, last))];
    }
    if first == last {
        return prefixed(first, &nested(low_rest, high_rest));
    }
    let mut alternatives = Vec::new();
    let mut whole = (first, last);
    if !starts_whole {
        let open = vec![OPEN; low_rest.len()];
        alternatives.extend(prefixed(first, &nested(low_rest, &open)));
        whole.0 = first.saturating_add(1);
    }
    if !ends_whole {
        whole.1 = last.saturating_sub(1);
    }
    if whole.0 <= whole.1 {
        alternatives.push(format!("{}{BORDER}", numbers(whole.0, whole.1)));
    }
    if !ends_whole {
        let zero = vec![0; high_rest.len()];
        alternatives.extend(prefixed(last, &nested(&zero, high_rest)));
    }
    alternatives
}

fn prefixed(number: u32, alternatives: &[String]) -> Vec<String> {
    alternatives
        .iter()
        .map(|alternative| format!(r"{number}\.{alternative}"))
        .collect()
}

/// The pattern of the decimal numbers from one to another, which may be open.
fn numbers(first: u32, last: u32) -> String {
    let mut alternatives = Vec::new();
    let mut digits = first.to_string().len();
    let most = if last == OPEN {
        digits + 1
    } else {
        last.to_string().len()
    };
    while digits <= most {
        let power = |digits: usize| 10u64.pow(u32::try_from(digits).unwrap_or(0));
        if last == OPEN && digits == most {
            alternatives.push(format!("[1-9][0-9]{{{},}}", digits - 1));
            break;
        }
        let low = u64::from(first).max(if digits == 1 { 0 } else { power(digits - 1) });
        let high = u64::from(last).min(power(digits) - 1);
        alternatives.extend(digit_ranges(&low.to_string(), &high.to_string()));
        digits += 1;
    }
    match alternatives.as_slice() {
        [only] => only.clone(),
        _ => format!("({})", alternatives.join("|")),
    }
}

/// The alternatives for the numbers between two of the same number of digits.
fn digit_ranges(low: &str, high: &str) -> Vec<String> {
    let (first, last) = (&low[..1], &high[..1]);
    let class = |first: &str, last: &str| {
        if first == last {
            first.to_owned()
        } else {
            format!("[{first}-{last}]")
        }
    };
    if low.len() == 1 {
        return vec![class(first, last)];
    }
    let (zeros, nines) = ("0".repeat(low.len() - 1), "9".repeat(low.len() - 1));
    if low[1..] == *zeros && high[1..] == *nines {
        return vec![format!("{}[0-9]{{{}}}", class(first, last), zeros.len())];
    }
    let behind = |first: &str, rest: Vec<String>| -> Vec<String> {
        rest.into_iter()
            .map(|rest| format!("{first}{rest}"))
            .collect()
    };
    if first == last {
        return behind(first, digit_ranges(&low[1..], &high[1..]));
    }
    let mut alternatives = behind(first, digit_ranges(&low[1..], &nines));
    let (after, before) = (next_digit(first, 1), next_digit(last, -1));
    if after <= before {
        alternatives.push(format!(
            "{}[0-9]{{{}}}",
            class(&after, &before),
            zeros.len()
        ));
    }
    alternatives.extend(behind(last, digit_ranges(&zeros, &high[1..])));
    alternatives
}

fn next_digit(digit: &str, step: i32) -> String {
    (digit.parse::<i32>().unwrap_or(0) + step).to_string()
}
