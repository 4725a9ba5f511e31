//! Chart geometry, as SVG attribute values. Style attributes would need a laxer policy.

use std::f64::consts::TAU;
use std::fmt::Write as _;

use serde::Serialize;

/// Radii of the ring in its 200 × 200 box.
const OUTER: f64 = 94.0;
const INNER: f64 = 62.0;

/// One path per count: its part of the ring, clockwise from the top. None for a count of zero.
pub(super) fn ring(counts: &[usize]) -> Vec<Option<String>> {
    let total: usize = counts.iter().sum();
    let mut before = 0;
    counts
        .iter()
        .map(|&count| {
            if count == 0 {
                return None;
            }
            let from = before as f64 / total as f64;
            before += count;
            let to = before as f64 / total as f64;
            // An arc that ends where it begins is not drawn at all, so a full ring is two circles.
            Some(if count == total { full() } else { segment(from, to) })
        })
        .collect()
}

fn segment(from: f64, to: f64) -> String {
    let large = u8::from(to - from > 0.5);
    let mut path = String::new();
    let _ = write!(
        path,
        "M{}A{OUTER} {OUTER} 0 {large} 1 {}L{}A{INNER} {INNER} 0 {large} 0 {}Z",
        point(OUTER, from),
        point(OUTER, to),
        point(INNER, to),
        point(INNER, from)
    );
    path
}

fn full() -> String {
    let circle = |radius: f64| {
        let (top, bottom) = (point(radius, 0.0), point(radius, 0.5));
        format!("M{top}A{radius} {radius} 0 1 1 {bottom}A{radius} {radius} 0 1 1 {top}Z")
    };
    circle(OUTER) + &circle(INNER)
}

fn point(radius: f64, turn: f64) -> String {
    let (x, y) = (
        100.0 + radius * (turn * TAU).sin(),
        100.0 - radius * (turn * TAU).cos(),
    );
    format!("{x:.2} {y:.2}")
}

/// A part of a bar, in percent of its longest.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Part {
    word: &'static str,
    x: String,
    width: String,
}

/// The counts one after the other, in a bar as long as `longest`.
pub(super) fn stack(counts: &[(&'static str, usize)], longest: usize) -> Vec<Part> {
    let mut before = 0;
    let mut parts = Vec::new();
    for &(word, count) in counts.iter().filter(|(_, count)| *count > 0) {
        parts.push(Part {
            word,
            x: width(before, longest),
            width: width(count, longest),
        });
        before += count;
    }
    parts
}

/// The part of 100 that `count` is of `longest`, for a bar.
pub(super) fn width(count: usize, longest: usize) -> String {
    format!("{:.2}", count as f64 * 100.0 / longest.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_closed_and_nothing_is_drawn_for_nobody() {
        assert_eq!(ring(&[0, 0]), [None, None]);
        let halves = ring(&[1, 0, 1]);
        assert!(
            halves[0]
                .as_deref()
                .is_some_and(|path| path.starts_with("M100.00 6.00") && path.ends_with('Z'))
        );
        assert_eq!(halves[1], None);
        assert!(
            ring(&[3])[0]
                .as_deref()
                .is_some_and(|path| path.matches('A').count() == 4)
        );
    }

    #[test]
    fn bars_are_parts_of_the_longest() {
        assert_eq!(width(1, 4), "25.00");
        assert_eq!(width(0, 0), "0.00");
        let parts = stack(&[("blocked", 1), ("unknown", 0), ("ready", 2)], 4);
        let drawn: Vec<_> = parts
            .iter()
            .map(|part| (part.word, &part.x[..], &part.width[..]))
            .collect();
        assert_eq!(drawn, [("blocked", "0.00", "25.00"), ("ready", "25.00", "50.00")]);
    }
}
