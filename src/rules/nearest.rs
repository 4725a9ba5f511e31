//! The nearest word to one that is not known, for "did you mean" hints.

/// The candidate that was most likely meant, if any is near enough to be worth naming.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    // A third of the letters may differ: enough for a slip or two, too little to guess wildly.
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The distance between two words in the same letter case, if it is no more than `most`.
#[must_use]
pub fn distance_within(left: &str, right: &str, most: usize) -> Option<usize> {
    let apart = left.chars().count().abs_diff(right.chars().count());
    (apart <= most)
        .then(|| distance(left, right))
        .filter(|distance| *distance <= most)
}

/// Letters to insert, delete, replace or swap with their neighbour to turn one word into the other.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, r) in right.iter().enumerate() {
            let mut best = (above[j] + usize::from(l != r))
                .min(above[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *l == right[j - 1] && left[i - 1] == *r {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[right.len()]
}

/// Words as a list: "`a`, `b` or `c`".
#[must_use]
pub fn choice<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.pop() {
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} or {last}", words.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_far_ones_are_not() {
        let words = ["success", "failure", "not-run"];
        assert_eq!(nearest("sucess", words), Some("success"));
        assert_eq!(nearest("Failrue", words), Some("failure"));
        assert_eq!(nearest("notrun", words), Some("not-run"));
        assert_eq!(nearest("pending", words), None);
        assert_eq!(nearest("", words), None);
    }

    #[test]
    fn distance_counts_single_slips_once() {
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("abc", "acb"), 1);
        assert_eq!(distance("abc", "ab"), 1);
        assert_eq!(distance("abc", "xabc"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn choices_read_as_prose() {
        assert_eq!(choice(["a"]), "`a`");
        assert_eq!(choice(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
